using DocIngest.Backup.Tests.Stores;
using DocIngest.TestKit.Servers;

[assembly: AssemblyFixture(typeof(Azurite))]
[assembly: AssemblyFixture(typeof(SharedRclone))]
