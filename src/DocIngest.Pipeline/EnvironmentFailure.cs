using DocIngest.Archive;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Filing;
using DocIngest.Storage;
using Microsoft.Data.Sqlite;

namespace DocIngest.Pipeline;

/// <summary>Tells failing surroundings, where a retry may help, from broken invariants, where it must not be tried.</summary>
internal static class EnvironmentFailure
{
    // SQLite result codes (sqlite.org/rescode.html).
    private const int Busy = 5;
    private const int Locked = 6;
    private const int IoError = 10;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int ReadOnly = 8;

    /// <summary>Whether the surroundings failed: the scan is put back and tried again.</summary>
    public static bool Is(Exception error) => error switch
    {
        StorageException => true,           // LockHeldException too
        ExtractionUnavailableException => true,
        ObjectOutOfSyncException => true,   // another process added a version: decide again
        SqliteException sqlite => sqlite.SqliteErrorCode is Busy or Locked or IoError or Full or CannotOpen or ReadOnly,
        _ => false,
    };

    /// <summary>What to tell people, without names from the document.</summary>
    public static string Explain(Exception error) => error switch
    {
        StorageFullException => "No space is left on the disk.",
        SqliteException { SqliteErrorCode: Full } => "No space is left on the disk of the catalog.",
        FlushFailedException => "The disk reported an error while saving.",
        StorageException => error.Message,
        ExtractionUnavailableException => error.Message,
        SqliteException sqlite => $"The catalog cannot be written (SQLite {sqlite.SqliteErrorCode}).",
        ArchiveException or DamagedTwinException => error.Message,
        _ => error.GetType().Name,
    };
}
