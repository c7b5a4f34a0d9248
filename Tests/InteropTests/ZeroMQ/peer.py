"""One libzmq socket, told over stdin what to do: the unchanged peer of the interop tests.

    peer.py TYPE bind|connect ENDPOINT [OPTION=VALUE ...]

A socket that binds to port 0 says `bound tcp://...`. Then, one line each:

    send FRAME ...      -> sent                          frames in hexadecimal, `-` for an empty one
    recv                -> frames FRAME ... | timeout
    subscribe TOPIC     -> done                          likewise `cancel`
    echo N              -> echoed N                      receives N messages and sends each back
    quiet MILLISECONDS  -> quiet | disconnected          whether the connection stays that long
    versions            -> versions LIBZMQ
"""

import sys

import zmq
from zmq.utils.monitor import recv_monitor_message


def frame(text):
    return b"" if text == "-" else bytes.fromhex(text)


def text(frame):
    return frame.hex() or "-"


def answer(line):
    print(line, flush=True)


def option(socket, setting):
    name, value = setting.split("=", 1)
    key = getattr(zmq, name)
    if name in ("IDENTITY", "SUBSCRIBE", "UNSUBSCRIBE"):
        socket.setsockopt(key, value.encode())
    else:
        socket.setsockopt(key, int(value))


def receive(socket):
    try:
        return socket.recv_multipart()
    except zmq.Again:
        return None


def quiet(socket, milliseconds):
    monitor = socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    stays = not monitor.poll(milliseconds)
    if not stays:
        recv_monitor_message(monitor)
    socket.disable_monitor()
    return "quiet" if stays else "disconnected"


def serve(socket, command, arguments):
    if command == "send":
        socket.send_multipart([frame(part) for part in arguments])
        return "sent"
    if command == "recv":
        message = receive(socket)
        return "timeout" if message is None else " ".join(["frames"] + [text(part) for part in message])
    if command == "subscribe":
        socket.setsockopt(zmq.SUBSCRIBE, frame(arguments[0]))
        return "done"
    if command == "cancel":
        socket.setsockopt(zmq.UNSUBSCRIBE, frame(arguments[0]))
        return "done"
    if command == "echo":
        count = 0
        while count < int(arguments[0]):
            message = receive(socket)
            if message is None:
                break
            socket.send_multipart(message)
            count += 1
        return f"echoed {count}"
    if command == "quiet":
        return quiet(socket, int(arguments[0]))
    if command == "versions":
        return f"versions {zmq.zmq_version()}"
    return f"unknown {command}"


def main():
    kind, direction, endpoint = sys.argv[1:4]
    socket = zmq.Context.instance().socket(getattr(zmq, kind))
    socket.setsockopt(zmq.LINGER, 0)
    socket.setsockopt(zmq.RCVTIMEO, 20000)
    socket.setsockopt(zmq.SNDTIMEO, 20000)
    for setting in sys.argv[4:]:
        option(socket, setting)
    if direction == "bind":
        socket.bind(endpoint)
        answer("bound " + socket.getsockopt(zmq.LAST_ENDPOINT).rstrip(b"\0").decode())
    else:
        socket.connect(endpoint)
    for line in sys.stdin:
        words = line.split()
        answer(serve(socket, words[0], words[1:]))


main()
