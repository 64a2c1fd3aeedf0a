using DocIngest.Storage;

namespace DocIngest.Backup.Stores;

/// <summary>What opens remote stores, under the names that restic gives it.</summary>
public sealed record StoreCredentials
{
    private const string EndpointVariable = "DOCINGEST_AZURE_ENDPOINT";

    /// <summary>None at all.</summary>
    public static StoreCredentials None { get; } = new();

    /// <summary>The storage account of repositories in Azure.</summary>
    public AzureAccount? Azure { get; init; }

    /// <summary>For REST servers whose URL holds no credentials.</summary>
    public RestCredentials? Rest { get; init; }

    /// <summary>
    /// Reads <c>AZURE_ACCOUNT_NAME</c>, <c>AZURE_ACCOUNT_KEY</c>, <c>AZURE_ACCOUNT_SAS</c>, <c>AZURE_ENDPOINT_SUFFIX</c>,
    /// <c>AZURE_FORCE_CLI_CREDENTIAL</c>, <c>RESTIC_REST_USERNAME</c> and <c>RESTIC_REST_PASSWORD</c>; and <c>DOCINGEST_AZURE_ENDPOINT</c>,
    /// of which restic knows nothing.
    /// </summary>
    /// <exception cref="RepositoryLocationException">The endpoint is no absolute URL. The message does not repeat it.</exception>
    /// <param name="variable">The value of one, from the environment or from wherever a configuration refers to; null or empty where there is none.</param>
    public static StoreCredentials Read(Func<string, string?> variable) => new()
    {
        Azure = Value("AZURE_ACCOUNT_NAME", variable) is not { } account ? null : new AzureAccount(account)
        {
            Key = Value("AZURE_ACCOUNT_KEY", variable),
            SharedAccessSignature = Value("AZURE_ACCOUNT_SAS", variable),
            Endpoint = EndpointOf(Value(EndpointVariable, variable)),
            EndpointSuffix = Value("AZURE_ENDPOINT_SUFFIX", variable) ?? AzureAccount.DefaultEndpointSuffix,
            UsesCommandLineLogin = Value("AZURE_FORCE_CLI_CREDENTIAL", variable) is not null,
        },
        Rest = Value("RESTIC_REST_USERNAME", variable) is not { } user ? null : new RestCredentials(user, Value("RESTIC_REST_PASSWORD", variable) ?? ""),
    };

    private static Uri? EndpointOf(string? text) => text is null ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var endpoint) && (endpoint.Scheme == Uri.UriSchemeHttps || endpoint.Scheme == Uri.UriSchemeHttp)
            && endpoint is { UserInfo.Length: 0, Query.Length: 0, Fragment.Length: 0 } ? endpoint
        : throw new RepositoryLocationException($"{EndpointVariable} holds no URL of a storage account, as https://NAME.privatelink.blob.core.windows.net.");

    private static string? Value(string name, Func<string, string?> variable) => variable(name) is { Length: > 0 } value ? value : null;
}
