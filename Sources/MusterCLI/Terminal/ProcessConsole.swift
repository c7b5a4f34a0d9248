#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The console of this process: its file descriptors and its environment.
package struct ProcessConsole: Console {
    /// Makes writing to a closed pipe an error instead of the end of the process.
    package init() {
        signal(SIGPIPE, SIG_IGN)
    }

    package func write(_ text: String, to stream: ConsoleStream) throws(OutputFailure) {
        let problem = Array(text.utf8).withUnsafeBytes { writeAll($0, to: stream.descriptor) }
        // What goes wrong with standard error cannot be told to anybody.
        guard let problem, stream == .output else { return }
        guard problem != EPIPE else { throw .closed }
        throw .failed("standard output cannot be written: \(String(cString: strerror(problem)))")
    }

    /// - Returns: the number of the error that stopped it, nil when everything is written.
    private func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32? {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = systemWrite(descriptor, rest)
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&ready, 1, -1)
            } else if errno != EINTR {
                return errno
            }
        }
        return nil
    }

    package func isTerminal(_ stream: ConsoleStream) -> Bool { isatty(stream.descriptor) == 1 }

    package var columns: Int {
        var size = winsize()
        for descriptor in [STDERR_FILENO, STDOUT_FILENO, STDIN_FILENO]
        where ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 {
            return Int(size.ws_col)
        }
        return 80
    }

    package func variable(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }

    package func readLine() -> String? { Swift.readLine() }

    package func readSecret() -> String? {
        var before = termios()
        guard tcgetattr(STDIN_FILENO, &before) == 0 else { return readLine() }
        var silent = before
        // Without the signals, too: a program that ends here would leave a terminal that shows nothing.
        silent.c_lflag &= ~tcflag_t(ECHO | ISIG)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
            // The line end that was typed was not shown either.
            note("")
        }
        guard let line = readLine(), !line.utf8.contains(3) else { return nil }
        return line
    }

    package var isInteractive: Bool { isatty(STDIN_FILENO) == 1 }
}

/// `write(2)`, named apart from the method above.
private func systemWrite(_ descriptor: Int32, _ bytes: Slice<UnsafeRawBufferPointer>) -> Int {
    write(descriptor, UnsafeRawBufferPointer(rebasing: bytes).baseAddress, bytes.count)
}

extension ConsoleStream {
    fileprivate var descriptor: Int32 {
        switch self {
        case .output: STDOUT_FILENO
        case .diagnostics: STDERR_FILENO
        }
    }
}
