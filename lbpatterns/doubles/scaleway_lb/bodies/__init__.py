"""The fields each call may carry, in its body and in its query. Anything else is answered with 400."""
