using Azure;
using Azure.Core;
using Azure.Identity;
using Azure.Storage;
using Azure.Storage.Blobs;

namespace DocIngest.Storage;

/// <summary>Sets up the client library for one container.</summary>
internal static class AzureContainerClient
{
    private const int MostTriesAgain = 4;   // 0.8 s doubled each time: 12 s in all

    /// <param name="triesAgain">Whether what does not answer is asked again: where no boundary of the caller's does that.</param>
    /// <exception cref="ArgumentException">No account, key, container or address can look like this.</exception>
    internal static BlobContainerClient Create(AzureAccount account, string container, bool triesAgain = false)
    {
        if (!IsContainerName(container))
            throw new ArgumentException("A container's name has 3 to 63 lower-case letters, digits and single hyphens.", nameof(container));
        var address = new Uri($"{Endpoint(account).AbsoluteUri.TrimEnd('/')}/{container}");
        var options = Options(triesAgain);
        if (account.Key is { Length: > 0 } key)
            return new BlobContainerClient(address, SharedKey(account.Name, key), options);
        if (account.SharedAccessSignature is { Length: > 0 } signature)
            return new BlobContainerClient(address, new AzureSasCredential(signature.TrimStart('?')), options);
        return new BlobContainerClient(address, account.UsesCommandLineLogin ? new AzureCliCredential() : new DefaultAzureCredential(), options);
    }

    private static Uri Endpoint(AzureAccount account)
    {
        if (account.Endpoint is null && !IsAccountName(account.Name))
            throw new ArgumentException("A storage account's name has 3 to 24 lower-case letters and digits.", nameof(account));
        var endpoint = account.Endpoint ?? new Uri($"https://{account.Name}.blob.{account.EndpointSuffix}");
        return endpoint.Scheme == Uri.UriSchemeHttps || (endpoint.Scheme == Uri.UriSchemeHttp && endpoint.IsLoopback)
            ? endpoint
            : throw new ArgumentException("An account's address is https; http on this machine only.", nameof(account));
    }

    private static StorageSharedKeyCredential SharedKey(string name, string key) =>
        Convert.TryFromBase64String(key, new byte[key.Length], out _)
            ? new StorageSharedKeyCredential(name, key)
            : throw new ArgumentException("The key of the storage account is no base64.", nameof(key));

    private static BlobClientOptions Options(bool triesAgain)
    {
        var options = new BlobClientOptions();
        options.Retry.MaxRetries = triesAgain ? MostTriesAgain : 0;   // else the caller's boundary retries, in one place; two of them would multiply
        options.Diagnostics.IsLoggingEnabled = false;
        options.Diagnostics.IsTelemetryEnabled = false;
        options.AddPolicy(new TimeoutBySize(), HttpPipelinePosition.PerCall);
        return options;
    }

    private static bool IsContainerName(string name) =>
        name is "$root" or "$web" ||
        (name.Length is >= 3 and <= 63 && name.Split('-').All(part => part.Length > 0 && part.All(IsLowerOrDigit)));

    private static bool IsAccountName(string name) => name.Length is >= 3 and <= 24 && name.All(IsLowerOrDigit);

    private static bool IsLowerOrDigit(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c);
}
