"""The rules and the words of the project: values in, values out. Standard library only."""
