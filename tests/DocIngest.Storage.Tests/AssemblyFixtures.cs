[assembly: AssemblyFixture(typeof(DocIngest.TestKit.Servers.Azurite))]
