"""client.py PORT VERSION CALL: one of the calls below, made by stomp.py, at a broker on loopback.

Ends with status 0 when the broker behaved; otherwise an assertion says what it did.

client.py PORT VERSION watch DESTINATION VIRTUAL_HOST: prints the first message that comes there.
"""

import queue
import sys
import uuid

import stomp

PATIENCE = 20


class Client(stomp.ConnectionListener):
    """A connection whose events can be waited for."""

    def __init__(self, port, version, heart_beats=(0, 0), vhost="/mcollective", auto_decode=True):
        address = [("127.0.0.1", port)]
        self.version = version
        self.messages, self.receipts, self.beats, self.errors = (queue.Queue() for _ in range(4))
        if version == "1.0":
            self.connection = stomp.Connection10(address, auto_decode=auto_decode)
        else:
            kind = {"1.1": stomp.Connection11, "1.2": stomp.Connection12}[version]
            self.connection = kind(address, heartbeats=heart_beats, vhost=vhost, auto_decode=auto_decode)
        self.connection.set_listener("test", self)
        self.connection.connect("mcollective", "marionette", wait=True)

    def on_message(self, frame):
        self.messages.put(frame)

    def on_receipt(self, frame):
        self.receipts.put(frame.headers["receipt-id"])

    def on_heartbeat(self):
        self.beats.put(True)

    def on_error(self, frame):
        self.errors.put(frame.headers.get("message", frame.body))

    def subscribe(self, destination, ack="auto", name="s", **headers):
        """Returns when the broker has done it."""
        receipt = uuid.uuid4().hex
        name = None if self.version == "1.0" else name
        self.connection.subscribe(destination, name, ack, headers=headers, receipt=receipt)
        self.await_receipt(receipt)

    def send(self, destination, *bodies, **headers):
        for body in bodies:
            self.connection.send(destination, body, headers=headers)

    def settle(self):
        """Everything sent before has been taken when this returns."""
        receipt = uuid.uuid4().hex
        self.connection.send("/topic/nobody", "", receipt=receipt)
        self.await_receipt(receipt)

    def await_receipt(self, receipt):
        got = self.receipts.get(timeout=PATIENCE)
        assert got == receipt, f"receipt {got} instead of {receipt}"

    def take(self, count):
        return [self.messages.get(timeout=PATIENCE) for _ in range(count)]

    def bodies(self, count):
        return [frame.body for frame in self.take(count)]

    def verdict(self, call, frame, **headers):
        if self.version == "1.2":
            call(frame.headers["ack"], **headers)
        elif self.version == "1.1":
            call(frame.headers["message-id"], frame.headers["subscription"], **headers)
        else:
            call(frame.headers["message-id"], **headers)

    def ack(self, frame, **headers):
        self.verdict(self.connection.ack, frame, **headers)

    def nack(self, frame, **headers):
        self.verdict(self.connection.nack, frame, **headers)

    def leave(self):
        self.connection.disconnect()

    def crash(self):
        self.connection.transport.disconnect_socket()


def expect(got, wanted):
    assert got == wanted, f"{got!r} instead of {wanted!r}"


def topic(client, another):
    listener, other = another(), another()
    for one in (listener, other):
        one.subscribe("/topic/news")
    client.send("/topic/news", "a", "b", colour="green")
    for one in (listener, other):
        frames = one.take(2)
        expect([frame.body for frame in frames], ["a", "b"])
        expect([frame.headers["colour"] for frame in frames], ["green", "green"])
        expect(frames[0].headers["destination"], "/topic/news")


def queue_keeps(client, another):
    client.send("/queue/kept", "a", "b", "c")
    client.settle()
    first = another()
    first.subscribe("/queue/kept")
    expect(first.bodies(3), ["a", "b", "c"])


def unsubscribed(client, another):
    client.subscribe("/queue/left", name="one")
    client.send("/queue/left", "a")
    expect(client.bodies(1), ["a"])
    if client.version == "1.0":
        client.connection.unsubscribe("/queue/left")
    else:
        client.connection.unsubscribe("one")
    client.send("/queue/left", "b")
    client.settle()
    assert client.messages.empty(), "a message after UNSUBSCRIBE"
    heir = another()
    heir.subscribe("/queue/left")
    expect(heir.bodies(1), ["b"])


def ack_client(client, another):
    """An ACK covers all before it; what is not acknowledged comes again."""
    taker = another()
    taker.subscribe("/queue/work", "client")
    client.send("/queue/work", "a", "b", "c")
    frames = taker.take(3)
    taker.ack(frames[1])
    taker.settle()
    taker.crash()
    heir = another()
    heir.subscribe("/queue/work")
    again = heir.take(1)[0]
    expect((again.body, again.headers["redelivered"]), ("c", "true"))


def ack_individual(client, another):
    taker = another()
    taker.subscribe("/queue/work", "client-individual")
    client.send("/queue/work", "a", "b", "c")
    frames = taker.take(3)
    taker.ack(frames[1])
    taker.settle()
    taker.crash()
    heir = another()
    heir.subscribe("/queue/work")
    expect(heir.bodies(2), ["a", "c"])


def nack(client, another):
    client.subscribe("/queue/work", "client-individual")
    client.send("/queue/work", "a")
    client.nack(client.take(1)[0])
    again = client.take(1)[0]
    expect((again.body, again.headers["redelivered"]), ("a", "true"))
    client.ack(again)
    client.settle()


def transaction(client, another):
    listener = another()
    listener.subscribe("/queue/bank")
    for end in (client.connection.abort, client.connection.commit):
        name = client.connection.begin()
        client.send("/queue/bank", end.__name__, transaction=name)
        end(transaction=name)
    expect(listener.bodies(1), ["commit"])


def transaction_ack(client, another):
    """An ACK in a transaction that is aborted has not happened."""
    client.send("/queue/work", "a")
    taker = another()
    taker.subscribe("/queue/work", "client")
    frame = taker.take(1)[0]
    name = taker.connection.begin()
    taker.ack(frame, transaction=name)
    taker.connection.abort(name)
    taker.settle()
    taker.crash()
    heir = another()
    heir.subscribe("/queue/work")
    expect(heir.bodies(1), ["a"])


def receipts(client, another):
    wanted = [f"receipt {number}" for number in range(100)]
    for receipt in wanted:
        client.connection.send("/queue/receipts", "x", headers={"persistent": "true"}, receipt=receipt)
    for receipt in wanted:
        client.await_receipt(receipt)


def heart_beats(client, another):
    beating = another(heart_beats=(500, 500))
    beating.beats.get(timeout=PATIENCE)
    beating.settle()
    assert beating.errors.empty(), beating.errors.get()


def reply_queue(client, another):
    """RabbitMQ's temporary queues: made by naming one in `reply-to`."""
    node = another()
    node.subscribe("/queue/requests")
    client.send("/queue/requests", "ping", **{"reply-to": "/temp-queue/answers"})
    request = node.take(1)[0]
    assert request.headers["reply-to"].startswith("/reply-queue/"), request.headers["reply-to"]
    node.send(request.headers["reply-to"], "pong")
    expect(client.bodies(1), ["pong"])


def temporary_queue(client, another):
    """ActiveMQ's temporary queues: made by subscribing to one."""
    node = another()
    node.subscribe("/queue/requests")
    client.subscribe("/temp-queue/answers")
    client.send("/queue/requests", "ping", **{"reply-to": "/temp-queue/answers"})
    node.send(node.take(1)[0].headers["reply-to"], "pong")
    expect(client.bodies(1), ["pong"])


def selector(client, another):
    chosen, others = another(), another()
    chosen.subscribe("/queue/nodes", selector="mc_identity = 'n1' AND size > 2")
    client.send("/queue/nodes", "small", mc_identity="n1", size="1")
    client.send("/queue/nodes", "other", mc_identity="n2", size="3")
    client.send("/queue/nodes", "mine", mc_identity="n1", size="3")
    expect(chosen.bodies(1), ["mine"])
    others.subscribe("/queue/nodes")
    expect(others.bodies(2), ["small", "other"])


def bad_selector(client, another):
    client.connection.subscribe("/queue/nodes", "s", headers={"selector": "size >"})
    assert client.errors.get(timeout=PATIENCE), "no reason"


def odd_bodies(client, another):
    client.subscribe("/queue/odd")
    bodies = ["nul \0 inside", "umlaut ä, 漢", "line\r\nend\n\n", "x" * 1_000_000, ""]
    client.send("/queue/odd", *bodies)
    expect(client.bodies(len(bodies)), bodies)


def odd_headers(client, another):
    """Escaped on the way in and out: 1.1 has no carriage return."""
    client.subscribe("/queue/odd")
    value = "a:b\nc\\d" + ("\re" if client.version == "1.2" else "")
    client.send("/queue/odd", "x", odd=value)
    expect(client.take(1)[0].headers["odd"], value)


def priority(client, another):
    client.send("/queue/urgent", "low", priority="1")
    client.send("/queue/urgent", "high", priority="9")
    client.settle()
    client.subscribe("/queue/urgent")
    expect(client.bodies(2), ["high", "low"])


def expired(client, another):
    client.send("/queue/milk", "sour", expires="1")
    client.send("/queue/milk", "fresh")
    client.settle()
    client.subscribe("/queue/milk")
    expect(client.bodies(1), ["fresh"])


def wrong_password(client, another):
    stranger = stomp.Connection12(client.connection.transport._Transport__host_and_ports)
    try:
        stranger.connect("mcollective", "wrong", wait=True)
    except stomp.exception.ConnectFailedException:
        return
    raise AssertionError("let in")


def watch(client, another):
    listener = another(vhost=sys.argv[5], auto_decode=False)
    listener.subscribe(sys.argv[4])
    print(listener.take(1)[0].body)


def main():
    port, version, call = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    clients = []

    def another(**options):
        clients.append(Client(port, version, **options))
        return clients[-1]

    globals()[call](another(), another)
    for one in clients:
        if one.connection.is_connected():
            one.leave()


main()
