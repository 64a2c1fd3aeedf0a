using System.Diagnostics.CodeAnalysis;
using DocIngest.Assurance.Runs;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Extraction;

namespace DocIngest.Assurance.Drills;

/// <summary>What a drill works with.</summary>
/// <remarks>Of the running service it uses the audit chain and the destruction ledger, which say what must be there, and the key that signs. What is judged comes out of the repository alone.</remarks>
public sealed record DrillScene : AssuranceScene
{
    /// <param name="scene">What any run works with.</param>
    /// <param name="readers">Makes workers that may read below a folder.</param>
    /// <param name="openDatabase">Opens a new, empty database in a file.</param>
    [SetsRequiredMembers]
    public DrillScene(AssuranceScene scene, Func<string, ExtractionWorkerPool> readers, Func<string, SqliteDatabase> openDatabase)
        : base(scene) => (Readers, OpenDatabase) = (readers, openDatabase);

    /// <summary>Makes workers that may read below a folder.</summary>
    public Func<string, ExtractionWorkerPool> Readers { get; }

    /// <summary>Opens a new, empty database in a file.</summary>
    public Func<string, SqliteDatabase> OpenDatabase { get; }
}
