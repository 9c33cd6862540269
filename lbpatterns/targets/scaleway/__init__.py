"""The target `scaleway`: Scaleway Load Balancers, through `pulumiverse_scaleway`.

Reading a spec into Scaleway's words and back needs none of Scaleway's SDK; `resources.py` alone loads it.
"""
