import NIOCore
import Testing

@testable import muster_bench

struct FloorOrderTests {
    @Test func isReadAsItIsWritten() {
        let order = FloorOrder(messages: 500, bytes: 400)
        #expect(FloorOrder(order.payload) == order)
    }

    @Test(
        "any other request is none",
        arguments: [
            "", "publish", "publish 1", "publish -1 2", "publish a b", "echo 1 2", String(repeating: "r", count: 400),
        ])
    func refuses(_ text: String) {
        #expect(FloorOrder(ByteBuffer(string: text)) == nil)
    }
}
