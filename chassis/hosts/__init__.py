"""The two hosts of one service list: nameko with a broker, or one process."""
