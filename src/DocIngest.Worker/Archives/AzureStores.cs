using DocIngest.Backup.Stores;
using DocIngest.Storage;
using DocIngest.Worker.CommandLine;

namespace DocIngest.Worker.Archives;

/// <summary>Opens containers of Azure with the account that the environment names.</summary>
internal static class AzureStores
{
    /// <exception cref="CommandException">There is no account, or a name that cannot be one; exit 2.</exception>
    public static AzureBlobStore Open(string container, string prefix)
    {
        try
        {
            var account = StoreCredentials.Read(Environment.GetEnvironmentVariable).Azure ?? throw new CommandException(
                ExitCode.Usage,
                "An archive in Azure needs the name of the storage account: AZURE_ACCOUNT_NAME, and one of AZURE_ACCOUNT_KEY and AZURE_ACCOUNT_SAS where this machine has no identity of its own.");
            return new AzureBlobStore(account, container, prefix);
        }
        catch (ArgumentException error)
        {
            throw new CommandException(ExitCode.Usage, $"azure:{container}:/{prefix}: {error.Message}");
        }
    }
}
