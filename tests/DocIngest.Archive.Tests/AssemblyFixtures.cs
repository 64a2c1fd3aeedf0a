using DocIngest.TestKit.Servers;

[assembly: AssemblyFixture(typeof(Azurite))]
