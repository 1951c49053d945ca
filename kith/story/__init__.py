"""The story: the programme's main job from end to end, told by a client and held against its figures."""
