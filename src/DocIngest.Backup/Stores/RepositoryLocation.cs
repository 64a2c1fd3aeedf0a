namespace DocIngest.Backup.Stores;

/// <summary>Where a repository is, as its name says. Closed: only the cases below exist.</summary>
public abstract record RepositoryLocation
{
    private const string Local = "local:";
    private const string Azure = "azure:";
    private const string Rest = "rest:";

    // Restic's other backends; a folder of such a name is meant by ./s3:...
    private static readonly string[] Unknown = ["s3:", "sftp:", "b2:", "gs:", "swift:", "rclone:"];

    private RepositoryLocation()
    {
    }

    /// <summary>The name again, without secrets.</summary>
    public abstract string DisplayName { get; }

    /// <summary>Reads a repository's name: a path, <c>azure:CONTAINER:/PREFIX</c> or <c>rest:URL</c>, as restic reads them.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="relativeTo">The absolute path where relative ones begin; null for the current folder.</param>
    /// <exception cref="RepositoryLocationException">It is none. The message does not repeat it: it may hold a password.</exception>
    public static RepositoryLocation Parse(string name, string? relativeTo = null)
    {
        if (string.IsNullOrWhiteSpace(name))
            throw new RepositoryLocationException("The name of the repository is empty.");
        if (name.Contains('\0'))
            throw new RepositoryLocationException("The name of the repository holds a NUL character.");
        if (name.StartsWith(Azure, StringComparison.Ordinal))
            return ParseAzure(name[Azure.Length..]);
        if (name.StartsWith(Rest, StringComparison.Ordinal))
            return ParseRest(name[Rest.Length..]);
        if (Unknown.FirstOrDefault(scheme => name.StartsWith(scheme, StringComparison.Ordinal)) is { } unknown)
            throw new RepositoryLocationException($"Repositories in {unknown} are not supported; put rclone serve restic before them, and name rest:URL.");
        if (name.Contains("://", StringComparison.Ordinal))
            throw new RepositoryLocationException("A repository behind a URL is named rest:URL; a path has no '://'.");
        string path = name.StartsWith(Local, StringComparison.Ordinal) ? name[Local.Length..] : name;
        return path.Length > 0 ? new Folder(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path, relativeTo ?? Environment.CurrentDirectory))) : throw new RepositoryLocationException("The path of the repository is empty.");
    }

    /// <inheritdoc />
    public sealed override string ToString() => DisplayName;

    private static Container ParseAzure(string rest)
    {
        int colon = rest.IndexOf(':');
        if (colon < 0)
            throw new RepositoryLocationException("A repository in Azure is named azure:CONTAINER:/PREFIX; the second colon is missing.");
        if (colon == 0)
            throw new RepositoryLocationException("A repository in Azure is named azure:CONTAINER:/PREFIX; the container is missing.");
        return new Container(rest[..colon], Cleaned(rest[(colon + 1)..]));
    }

    /// <summary>As Go's path.Clean does it, without the slash in front.</summary>
    private static string Cleaned(string prefix)
    {
        var parts = new Stack<string>();
        foreach (string part in prefix.Split('/'))
        {
            if (part is "..")
                parts.TryPop(out _);
            else if (part is not ("" or "."))
                parts.Push(part);
        }

        return string.Join('/', parts.Reverse());
    }

    private static Server ParseRest(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
            throw new RepositoryLocationException("A repository behind a REST server is named rest:https://[USER:PASSWORD@]HOST[:PORT]/PATH/.");
        if (address.Query.Length > 0 || address.Fragment.Length > 0)
            throw new RepositoryLocationException("The URL of a REST server has no '?' and no '#'; in a password they are written %3F and %23.");
        string path = address.AbsolutePath.EndsWith('/') ? address.AbsolutePath : $"{address.AbsolutePath}/";
        return new Server(new Uri($"{address.GetLeftPart(UriPartial.Scheme)}{address.Authority}{path}"), CredentialsIn(address.UserInfo));
    }

    private static RestCredentials? CredentialsIn(string userInfo)
    {
        if (userInfo.Length == 0)
            return null;
        string[] parts = userInfo.Split(':', 2);
        return new RestCredentials(Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
    }

    /// <summary>A folder of this machine.</summary>
    /// <param name="Path">Absolute.</param>
    public sealed record Folder(string Path) : RepositoryLocation
    {
        /// <inheritdoc />
        public override string DisplayName => Path;
    }

    /// <summary>A container of Azure Blob Storage.</summary>
    /// <param name="Name">Of the container.</param>
    /// <param name="Prefix">Below which the repository lies; without slashes at its ends, empty for the whole container.</param>
    public sealed record Container(string Name, string Prefix) : RepositoryLocation
    {
        /// <inheritdoc />
        public override string DisplayName => $"azure:{Name}:/{Prefix}";
    }

    /// <summary>A REST server.</summary>
    /// <param name="Address">Without credentials; ends in a slash.</param>
    /// <param name="Credentials">The name's own, or null.</param>
    public sealed record Server(Uri Address, RestCredentials? Credentials) : RepositoryLocation
    {
        /// <inheritdoc />
        public override string DisplayName => $"rest:{Address}";
    }
}

/// <summary>A repository's name, or the credentials given for it, cannot be used. Nothing was asked of any store.</summary>
public sealed class RepositoryLocationException(string message, Exception? inner = null) : BackupException(message, inner);
