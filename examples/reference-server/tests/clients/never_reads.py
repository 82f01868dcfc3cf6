"""Asks for a stream on many connections, and never reads.

Says `open` once all have asked, and ends when its input does. The connections take small segments into small buffers: what is
not read waits in the server, and not in the system.
"""

import socket
import sys

port, count, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
tokens = sys.argv[4].split(",")
sockets = []
for number in range(count):
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
    one.bind((f"127.0.1.{number % 200 + 1}", 0))
    one.connect(("127.0.0.1", port))
    token = tokens[number % len(tokens)]
    one.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
    sockets.append(one)
print("open", flush=True)
sys.stdin.read()
