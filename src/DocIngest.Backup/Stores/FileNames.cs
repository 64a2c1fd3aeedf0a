namespace DocIngest.Backup.Stores;

/// <summary>Finds files by the first digits of their names, as people type them.</summary>
public static class FileNames
{
    /// <summary>The one file of a kind whose name begins so.</summary>
    /// <param name="store">Where to look.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="prefix">Hexadecimal digits of either case, one at least.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="NameNotFoundException">None begins so.</exception>
    /// <exception cref="AmbiguousNameException">Several do.</exception>
    public static async Task<FileId> FindByPrefixAsync(this IRepositoryStore store, FileKind kind, string prefix, CancellationToken cancellation)
    {
        var found = new List<FileId>();
        await foreach (var file in store.ListAsync(kind, cancellation))
        {
            if (prefix.Length > 0 && file.Id.ToString().StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                found.Add(file.Id);
        }

        string what = kind.ToString().ToLowerInvariant();
        return found.Count switch
        {
            1 => found[0],
            0 => throw new NameNotFoundException($"{store.DisplayName}: there is no {what} {prefix}."),
            _ => throw new AmbiguousNameException($"{store.DisplayName}: {found.Count} {what} files begin with {prefix}. Type more of the name."),
        };
    }
}
