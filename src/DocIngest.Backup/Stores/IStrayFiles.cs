namespace DocIngest.Backup.Stores;

/// <summary>A store that can tell what lies in its place and is no file of the repository. Who cannot does without it.</summary>
public interface IStrayFiles
{
    /// <summary>What lies in the folders of the repository and is left out of every listing. What lies beside them is nobody's business.</summary>
    IAsyncEnumerable<StrayFile> ListStraysAsync(CancellationToken cancellation);

    /// <summary>Removes what interrupted writers left (<see cref="StrayKind.Temporary"/>), as far as it was last written before a time. Safe to repeat.</summary>
    /// <param name="writtenBefore">Younger ones may be those of a writer at work.</param>
    /// <param name="cancellation">Gives up; the rest stays.</param>
    /// <returns>How many.</returns>
    Task<int> RemoveTemporaryAsync(DateTimeOffset writtenBefore, CancellationToken cancellation);
}

/// <summary>Something that no program lists.</summary>
/// <param name="Path">Below the root of the repository.</param>
/// <param name="Kind">What it seems to be.</param>
/// <param name="WrittenAt">When it was last written.</param>
public sealed record StrayFile(string Path, StrayKind Kind, DateTimeOffset WrittenAt);

/// <summary>What a stray file seems to be.</summary>
public enum StrayKind
{
    /// <summary>Left by a writer that was interrupted.</summary>
    Temporary,

    /// <summary>It has the name of a repository's file, in the wrong place, in upper case or as a link: nobody finds it.</summary>
    Misplaced,

    /// <summary>Something else.</summary>
    Other,
}
