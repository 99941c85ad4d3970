"""What lies here is students' work, in their own styles: tests/test_honest.py runs it, nobody else does."""

collect_ignore_glob = ["ch*"]
