"""What the interoperability tests are made of. See ../README.md."""
