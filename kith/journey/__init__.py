"""What people do with Kith, step by step through HTTP: the story and the seed are told with it."""
