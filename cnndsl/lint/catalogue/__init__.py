"""The rules, each in a file that is named as it is. Every module of this folder is found by itself.

W01 is about names, W02 about what the network computes, W03 about how it is written, W04 about specs that
are shared.
"""
