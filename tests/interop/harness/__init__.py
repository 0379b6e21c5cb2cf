"""What the interoperability tests are made of. See ../README.md.

SPDX-License-Identifier: Apache-2.0"""
