extension ExecutionModule {
    /// Every module that a node has without the operator's own.
    package static var builtIn: [ExecutionModule] {
        [.cmd, .config, .disk, .file, .grains, .network, .saltutil, .status, .sys, .test]
    }
}
