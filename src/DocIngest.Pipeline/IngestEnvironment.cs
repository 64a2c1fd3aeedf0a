using System.Runtime.InteropServices;
using DocIngest.Archive;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Extraction.Cuts;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.SystemObjects;
using DocIngest.Storage;
using Microsoft.Extensions.Logging;

namespace DocIngest.Pipeline;

/// <summary>What the pipeline works with. The host builds it; nothing in it is global.</summary>
public sealed record IngestEnvironment
{
    /// <summary>The admin's settings.</summary>
    public required IngestOptions Options { get; init; }

    /// <summary>The data folder.</summary>
    public required IDurableFolder Data { get; init; }

    /// <summary>Its absolute path, with <c>/</c>, without one at its end.</summary>
    public required string DataPath { get; init; }

    /// <summary>Opens another folder by its absolute path: drop and feedback folders.</summary>
    public required Func<string, IDurableFolder> OpenFolder { get; init; }

    /// <summary>Ledger and catalog.</summary>
    public required SqliteDatabase Database { get; init; }

    /// <summary>The search side of the catalog.</summary>
    public required ICatalogWriter Catalog { get; init; }

    /// <summary>The archive, in <see cref="Data"/>.</summary>
    public required IArchive Archive { get; init; }

    /// <summary>Objects of the archive that are no records.</summary>
    public SystemObjectStore SystemObjects => new(Archive, Data, Locks, Actor, Time);

    /// <summary>Who did and who saw what. The host disposes it.</summary>
    public required AuditTrail Audit { get; init; }

    /// <summary>Opens the folder <c>keys</c>, which only this account may read; makes it where it is missing.</summary>
    public required Func<IDurableFolder> OpenKeys { get; init; }

    /// <summary>Reads documents.</summary>
    public required IExtractor Extractor { get; init; }

    /// <summary>Whether pages without text are to be read by OCR: where they are and cannot be, an alarm says so. Default true.</summary>
    public bool WantsOcr { get; init; } = true;

    /// <summary>Cuts pages out of scans.</summary>
    public required IPageCutter Cutter { get; init; }

    /// <summary>Says what documents are. Default: without rules.</summary>
    public Classifier Classifier { get; init; } = Classifier.WithoutRules;

    /// <summary>Records what sidecars of trusted profiles say of patients and cases.</summary>
    public required SidecarEvents SidecarEvents { get; init; }

    /// <summary>How many documents are read at a time.</summary>
    public required int ExtractorCount { get; init; }

    /// <summary>This process among those that work on the data folder.</summary>
    public required Instances Instances { get; init; }

    /// <summary>Locks of the data folder, shared with other processes.</summary>
    public required INamedLocks Locks { get; init; }

    /// <summary>Draws record ids.</summary>
    public required RecordIdSource Ids { get; init; }

    /// <summary>Who files: the account this process runs under (I9).</summary>
    public required Actor Actor { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Events 1000 to 1999.</summary>
    public required ILogger Logger { get; init; }
}

/// <summary>An authenticated account.</summary>
/// <param name="Name">Account name, for people. Never empty: an archived version must name its user.</param>
/// <param name="Address">As a URI, <c>urn:docingest:account:HOST:NAME</c>.</param>
public sealed partial record Actor(string Name, string Address)
{
    private const string AddressPrefix = "urn:docingest:account:";
    private const uint Root = 0;

    /// <summary>Whether it may do what every other account may: root, or an elevated administrator.</summary>
    public static bool IsRootOfThisMachine => OperatingSystem.IsWindows() ? Environment.IsPrivilegedProcess : EffectiveUserId() == Root;

    /// <summary>The address of an account as somebody wrote it: a name of this machine, or a whole address.</summary>
    public static string AddressOf(string written, string hostName) => written.StartsWith(AddressPrefix, StringComparison.Ordinal)
        ? written
        : $"{AddressPrefix}{Uri.EscapeDataString(hostName)}:{Uri.EscapeDataString(written)}";

    /// <summary>The account this process runs under.</summary>
    public static Actor OfThisProcess(string hostName) => Named(Environment.UserName, hostName);

    /// <summary>Whether two addresses are of accounts of one machine.</summary>
    internal static bool IsOfSameMachine(string one, string other) => one[..one.LastIndexOf(':')] == other[..other.LastIndexOf(':')];

    /// <param name="userName">Empty for a Linux user that the system has no name for, as in a container; the user's number names it then.</param>
    /// <param name="hostName">The machine that vouches for the account.</param>
    internal static Actor Named(string userName, string hostName)
    {
        string name = userName.Length > 0 ? userName : $"uid-{EffectiveUserId()}";
        return new Actor(name, AddressOf(name, hostName));
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUserId();
}
