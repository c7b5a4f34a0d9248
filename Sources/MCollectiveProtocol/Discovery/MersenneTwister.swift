/// Ruby's generator of random numbers, so that `--limit-seed` chooses the nodes that it chooses for `mco`.
///
/// MT19937 (Matsumoto and Nishimura, 1998), seeded with one word as Ruby's `srand` does with a small number, and `rand(n)` as Ruby draws it.
struct MersenneTwister {
    private var state: [UInt32]
    private var place = 624

    init(seed: UInt32) {
        state = [seed]
        for index in 1..<624 {
            let previous = state[index - 1]
            state.append(1_812_433_253 &* (previous ^ previous >> 30) &+ UInt32(index))
        }
    }

    /// A number below the limit, which is above zero: bits are drawn until they are one.
    mutating func next(below limit: UInt32) -> Int {
        let most = limit - 1
        var mask = most
        for shift: UInt32 in [1, 2, 4, 8, 16] { mask |= mask >> shift }
        while true {
            let number = (most == 0 ? 0 : next()) & mask
            if number <= most { return Int(number) }
        }
    }

    private mutating func next() -> UInt32 {
        if place == 624 { refill() }
        var number = state[place]
        place += 1
        number ^= number >> 11
        number ^= number << 7 & 0x9d2c_5680
        number ^= number << 15 & 0xefc6_0000
        return number ^ number >> 18
    }

    private mutating func refill() {
        for index in 0..<624 {
            let pair = state[index] & 0x8000_0000 | state[(index + 1) % 624] & 0x7fff_ffff
            state[index] = state[(index + 397) % 624] ^ pair >> 1 ^ (pair & 1 == 0 ? 0 : 0x9908_b0df)
        }
        place = 0
    }
}
