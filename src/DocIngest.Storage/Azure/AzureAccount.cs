namespace DocIngest.Storage;

/// <summary>A storage account of Azure and what opens it: the key, else the shared access signature, else whoever this machine or account is to Azure.</summary>
/// <param name="Name">The account's name.</param>
public sealed record AzureAccount(string Name)
{
    /// <summary>Of Azure's public cloud.</summary>
    public const string DefaultEndpointSuffix = "core.windows.net";

    /// <summary>A key of the account, in base64. A secret.</summary>
    public string? Key { get; init; }

    /// <summary>A shared access signature, with or without its question mark. A secret.</summary>
    public string? SharedAccessSignature { get; init; }

    /// <summary>Where neither is given: whether only who is logged in with Azure's command line counts. Default false.</summary>
    public bool UsesCommandLineLogin { get; init; }

    /// <summary>What stands behind <c>NAME.blob.</c>; other clouds have others. Default <see cref="DefaultEndpointSuffix"/>.</summary>
    public string EndpointSuffix { get; init; } = DefaultEndpointSuffix;

    /// <summary>The account's address instead of one made of name and suffix, for an emulator or a private link. Plain http on this machine only.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>The name alone: what is printed or logged holds no secret.</summary>
    public override string ToString() => Name;
}
