import MusterCLI

await MusterCLI.main()
