extension ExecutionModule {
    /// Every module that a node has without the operator's own.
    package static var builtIn: [ExecutionModule] {
        [
            .cmd, .config, .disk, .file, .grains, .network, .pkg, .saltutil, .service, .status, .sys, .test,
        ]
    }

    /// The built-in modules that jobs may call.
    ///
    /// Of `saltutil` the functions that look after jobs stay in any case: without them a controller cannot tell whether a
    /// silent node runs a job, nor end it.
    ///
    /// - Parameter allowed: empty means every module that is not disabled.
    package static func builtIn(allowed: [String], disabled: [String]) -> [ExecutionModule] {
        builtIn.compactMap { module in
            if !disabled.contains(module.name), allowed.isEmpty || allowed.contains(module.name) { return module }
            guard module.name == ExecutionModule.saltutil.name else { return nil }
            return ExecutionModule(
                module.name, summary: module.summary,
                functions: module.functions.filter { NodeJob.urgentFunctions.contains($0.name) })
        }
    }
}
