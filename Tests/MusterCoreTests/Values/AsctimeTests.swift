import MusterCore
import Testing

@Suite struct AsctimeTests {
    @Test(
        arguments: [
            (0, "Thu Jan  1 00:00:00 1970"), (1_795_256_130, "Sat Nov 21 10:15:30 2026"),
            (-1, "Wed Dec 31 23:59:59 1969"),
        ] as [(Int64, String)])
    func printsAsC(_ seconds: Int64, _ text: String) {
        #expect(Timestamp(seconds: seconds).asctime == text)
    }
}
