using System.Collections.Concurrent;
using System.IO.Enumeration;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Pages;
using DocIngest.Pipeline.Records;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Scans;

/// <summary>A drop folder of a profile: where its files are, which of them are scans, and which are being worked on.</summary>
internal sealed class DropFolder
{
    private const string SidecarExtension = ".json";
    private const string DoneExtension = ".done";
    private const string AsidePrefix = ".docingest-";
    private const string AsideSuffix = ".removing";

    // Relative paths claimed and not yet done with; the watcher leaves them alone.
    private readonly ConcurrentDictionary<string, byte> _inHand = new();

    // Files filed already that still stand in the folder: kept, stuck, or about to be removed.
    private readonly ConcurrentDictionary<string, ScanRow> _left = new();

    // Files that settled and could then not be read, and when each is tried again. Until one is read, or goes, its alarm stands.
    private readonly ConcurrentDictionary<string, long> _unreadable = new();

    // Files that could not even be claimed, for a reason nobody expected: left alone until they change.
    private readonly ConcurrentDictionary<string, FileStamp> _odd = new();

    private long _lookedAt;      // written by the watcher, read by house-keeping
    private volatile bool _handsOn;

    public DropFolder(ProfileOptions profile, IDurableFolder folder, string absolutePath)
    {
        Profile = profile;
        Folder = folder;
        AbsolutePath = Slashed(absolutePath).TrimEnd('/');
        KeyRule = new DocumentKeyRule(profile.DocumentKeyPattern);
        PageRules = new PageRules(profile.Pages);
        DuplexRule = profile.Pages.Duplex is { } duplex ? new DuplexRule(duplex) : null;
    }

    public ProfileOptions Profile { get; }

    public IDurableFolder Folder { get; }

    /// <summary>Without a slash at its end.</summary>
    public string AbsolutePath { get; }

    public DocumentKeyRule KeyRule { get; }

    public PageRules PageRules { get; }

    /// <summary>Tells stacks of fronts and backs; null where every scan is a document.</summary>
    public DuplexRule? DuplexRule { get; }

    public IEnumerable<ScanRow> SourcesLeft => _left.Values;

    /// <summary>A look has ended: the heartbeat of the watcher. From here it hands on what it found, which may wait for the pipeline, until <see cref="NoteHandedOn"/>.</summary>
    public void NoteLook(long timestamp)
    {
        Volatile.Write(ref _lookedAt, timestamp);
        _handsOn = true;
    }

    /// <summary>The watcher rests until the next look.</summary>
    public void NoteHandedOn(long timestamp)
    {
        Volatile.Write(ref _lookedAt, timestamp);
        _handsOn = false;
    }

    /// <summary>Since when the watcher should have looked and has not, as a timestamp; 0 where it never has, null while it waits for the pipeline.</summary>
    public long? SilentSince => _handsOn ? null : Volatile.Read(ref _lookedAt);

    public string Absolute(string relativePath) => $"{AbsolutePath}/{relativePath}";

    public string Relative(Claim claim) => claim.SourcePath[(AbsolutePath.Length + 1)..];

    /// <summary>An absolute path with <c>/</c> between its elements, and none at its end unless it is a root.</summary>
    public static string Slashed(string absolutePath) => Rooted(absolutePath.Replace(Path.DirectorySeparatorChar, '/').TrimEnd('/'));

    /// <summary>The folder that a path leads through: absolute for an absolute path; <c>""</c> where a relative path is a name only.</summary>
    public static string FolderOf(string path)
    {
        string folder = path.LastIndexOf('/') is >= 0 and var at ? path[..at] : "";
        return Path.IsPathFullyQualified(path) ? Rooted(folder) : folder;
    }

    // Without its slash a root ("/", "E:/") is no absolute path.
    private static string Rooted(string folder) => Path.IsPathFullyQualified(folder) ? folder : folder + '/';

    public static string NameOf(string relativePath) => relativePath[(relativePath.LastIndexOf('/') + 1)..];

    /// <summary>The name a source gets for the moment of its removal, beside itself.</summary>
    public static string AsidePath(string relativePath, RecordId scan)
    {
        string folder = FolderOf(relativePath);
        string name = AsidePrefix + scan.ToBareString() + AsideSuffix;
        return folder.Length == 0 ? name : $"{folder}/{name}";
    }

    /// <summary>The claim that a name set aside belongs to.</summary>
    public static bool IsAside(string name, out RecordId scan)
    {
        scan = default;
        return name.StartsWith(AsidePrefix, StringComparison.Ordinal)
            && name.EndsWith(AsideSuffix, StringComparison.Ordinal)
            && RecordId.TryParse(name[AsidePrefix.Length..^AsideSuffix.Length], out scan);
    }

    public bool TryTakeInHand(string relativePath) => _inHand.TryAdd(relativePath, 0);

    public bool IsInHand(string relativePath) => _inHand.ContainsKey(relativePath);

    public void PutDown(string relativePath) => _inHand.TryRemove(relativePath, out _);

    /// <summary>Remembers a file that could not be read.</summary>
    /// <param name="relativePath">The file.</param>
    /// <param name="tryAgainAt">A timestamp: earlier it is left alone.</param>
    public void NoteUnreadable(string relativePath, long tryAgainAt) => _unreadable[relativePath] = tryAgainAt;

    public void NoteRead(string relativePath) => _unreadable.TryRemove(relativePath, out _);

    /// <summary>Whether any file could not be read when last tried.</summary>
    public bool HasUnreadable => !_unreadable.IsEmpty;

    /// <summary>Whether a file could not be read when last tried, and is to be left alone for now.</summary>
    /// <param name="relativePath">The file.</param>
    /// <param name="now">A timestamp.</param>
    public bool IsToRest(string relativePath, long now) => _unreadable.TryGetValue(relativePath, out long tryAgainAt) && now < tryAgainAt;

    /// <summary>Forgets unreadable files that are there no more.</summary>
    public void ForgetUnreadable(Func<string, bool> isGone)
    {
        foreach (string path in _unreadable.Keys.Where(isGone))
        {
            NoteRead(path);
        }
    }

    /// <summary>Remembers a file that cannot be claimed.</summary>
    public void NoteOdd(string relativePath, FileStamp stamp) => _odd[relativePath] = stamp;

    public bool IsOdd(string relativePath, FileStamp stamp) => _odd.TryGetValue(relativePath, out var noted) && noted == stamp;

    /// <summary>Remembers a filed scan whose file stays, so that it is not filed again.</summary>
    public void NoteLeft(ScanRow scan) => _left[Relative(scan.Claim)] = scan;

    public void ForgetLeft(ScanRow scan) => _left.TryRemove(new(Relative(scan.Claim), scan));

    /// <summary>The filed scan whose file this is, unchanged; null for a file that is to be taken in.</summary>
    public ScanRow? FindLeft(string relativePath, FileStamp stamp) =>
        _left.TryGetValue(relativePath, out var scan) && scan.Claim.Stamp == stamp ? scan : null;

    /// <summary>Whether masks and companions let a file be a scan of its own.</summary>
    public bool Accepts(string relativePath)
    {
        string name = NameOf(relativePath);
        return Profile.Include.Any(mask => Matches(mask, name, relativePath))
            && !Profile.Exclude.Any(mask => Matches(mask, name, relativePath))
            && !IsCompanion(name);
    }

    /// <summary>Whether a name is that of a sidecar, done file or marker, not of a scan.</summary>
    public bool IsCompanion(string name) =>
        (Profile.Sidecar != SidecarMode.None && name.EndsWith(SidecarExtension, StringComparison.OrdinalIgnoreCase))
        || (Profile.DoneFile && name.EndsWith(DoneExtension, StringComparison.OrdinalIgnoreCase))
        || string.Equals(name, Profile.MarkerFile, StringComparison.Ordinal);

    public static string SidecarPath(string relativePath) => relativePath + SidecarExtension;

    public static string DonePath(string relativePath) => relativePath + DoneExtension;

    /// <summary>A sidecar or done file, or null; also where a scan's name is so long that there can be none.</summary>
    public FolderEntry? FindCompanion(string path)
    {
        try
        {
            return Folder.Find(path) is { Kind: EntryKind.File } found ? found : null;
        }
        catch (NameNotAllowedException)
        {
            return null;
        }
    }

    /// <summary>Whether masks keep the whole subfolder out: its own name is one to leave alone.</summary>
    public bool IsExcludedFolder(string relativePath) =>
        Profile.ExcludeFolders.Any(mask => Matches(mask, NameOf(relativePath), relativePath));

    private static bool Matches(string mask, string name, string relativePath) =>
        FileSystemName.MatchesSimpleExpression(mask, mask.Contains('/') ? relativePath : name, ignoreCase: true);
}
