"""Ours, with a reaction that sends each of its statements by itself. A process of its own."""

from tests.load.backbone import consumer
from tests.load.backbone.bench_service import COUNTING_EACH

if __name__ == "__main__":
    consumer.main(COUNTING_EACH)
