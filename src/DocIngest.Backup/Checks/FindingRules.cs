using static DocIngest.Backup.Checks.FindingSeverity;

namespace DocIngest.Backup.Checks;

/// <summary>All rules a check goes by.</summary>
public static class FindingRules
{
    private const string LookForDisk =
        "Copy the repository to other hardware before anything else. Then look at the disk, the memory and the log of the system";

    private const string TakeItBack =
        "Put the file back from another copy of the repository if there is one";

    private const string ReportWriter =
        "The program that wrote the snapshot has a fault: report it to its maker, with the code and the program version of the snapshot";

    /// <summary>The whole check had nothing to look at.</summary>
    public static FindingRule NothingChecked { get; } = new(
        "B010", Error, "There is no pack and no snapshot: nothing was checked", "Make sure that this is the right repository, and that backups run.");

    /// <summary>There are packs, but nothing to restore. Not a warning: no directory and no file was held against anything.</summary>
    public static FindingRule NoSnapshot { get; } = new(
        "B011", Error, "There is no snapshot: nothing can be restored", "Run a backup. If there were snapshots before, find out who removed them.");

    /// <summary>Reading was asked for, and nothing was read.</summary>
    public static FindingRule NothingRead { get; } = new(
        "B012", Error, "Packs were to be read, and none was", "Read a larger part: another n/t, a smaller t, or all.");

    /// <summary>Config is missing or unreadable.</summary>
    public static FindingRule ConfigUnreadable { get; } = new(
        "B013", Error, "The file config is missing or cannot be read: nobody can open the repository", $"{TakeItBack}: without it the repository is lost.");

    /// <summary>A file's bytes are not those its name demands.</summary>
    public static FindingRule NotAsNamed { get; } = new(
        "B014", Error, "The bytes of a file are not those that its name demands", $"{LookForDisk}. {TakeItBack}; for an index, run: restic repair index.");

    /// <summary>The record of verifications could not be kept.</summary>
    public static FindingRule NotRecorded { get; } = new(
        "B015", Warning, "When packs were verified could not be written down", "Free space, or make the data folder writable, and check again.");

    /// <summary>An index cannot be read.</summary>
    public static FindingRule IndexUnreadable { get; } = new(
        "B020", Error, "An index file cannot be read although its bytes are what its name says", "Make the index anew: restic repair index. Packs are not touched by that.");

    /// <summary>One pack, different blobs in different places of the index.</summary>
    public static FindingRule IndexesDisagree { get; } = new(
        "B021", Error, "A pack is listed more than once, with different blobs", "Make the index anew: restic repair index.");

    /// <summary>One pack, the same blobs in several index files.</summary>
    public static FindingRule ListedTwice { get; } = new(
        "B022", Hint, "A pack is listed more than once, with the same blobs", "Make the index anew when there is time: restic repair index.");

    /// <summary>Blobs of a pack overlap, or something lies between them.</summary>
    public static FindingRule NotContiguous { get; } = new(
        "B023", Error, "The blobs of a pack do not lie end to end", "Make the index anew: restic repair index. If it comes back, the pack was written so: report it to the maker of the program.");

    /// <summary>Data and trees in one pack.</summary>
    public static FindingRule MixedPack { get; } = new(
        "B024", Hint, "A pack holds data and trees", "None needed. The next prune writes it again as two.");

    /// <summary>Two entries of a blob tell different lengths.</summary>
    public static FindingRule LengthsDisagree { get; } = new(
        "B025", Error, "Two packs tell different lengths for the same blob", "Check again with --read-data: it tells which of them is wrong (B043).");

    /// <summary>A missing pack that snapshots need.</summary>
    public static FindingRule PackMissing { get; } = new(
        "B030", Error, "A pack is missing that snapshots need", $"{TakeItBack}. Else run: restic repair index, then a backup, which stores again what the sources still have. B061 and B064 list what is lost.");

    /// <summary>A missing pack that no snapshot needs.</summary>
    public static FindingRule UnusedPackMissing { get; } = new(
        "B031", Error, "A pack is missing that no snapshot needs", "Nothing is lost. Run prune, which takes it out of the index; and find out who removed it.");

    /// <summary>A pack of the wrong size.</summary>
    public static FindingRule PackSize { get; } = new(
        "B032", Error, "A pack is shorter or longer than its blobs demand", $"{LookForDisk}. {TakeItBack}. Else run: restic repair packs, then a backup.");

    /// <summary>The index does not list all blobs of a pack.</summary>
    public static FindingRule IndexIncomplete { get; } = new(
        "B033", Error, "A pack is whole, and the index does not list all its blobs", "Make the index anew: restic repair index.");

    /// <summary>A pack that no index lists.</summary>
    public static FindingRule OrphanPack { get; } = new(
        "B034", Hint, "A pack is in no index", "None needed: a backup that was broken off leaves such packs, and prune removes them. With B060 or B063 beside it, an index file is missing: restic repair index.");

    /// <summary>The hash of a pack is not its name.</summary>
    public static FindingRule PackNotAsNamed { get; } = new(
        "B035", Error, "The bytes of a pack are not those that its name demands", $"{LookForDisk}. {TakeItBack}. Else run: restic repair packs, then a backup.");

    /// <summary>A pack whose header cannot be read.</summary>
    public static FindingRule HeaderUnreadable { get; } = new(
        "B036", Error, "The header of a pack cannot be read", $"{TakeItBack}. Else run: restic repair packs, then a backup. Its blobs can still be read while the index is there.");

    /// <summary>A header and the index tell different things.</summary>
    public static FindingRule HeaderDisagrees { get; } = new(
        "B037", Error, "The header of a pack and the index tell different things of its blobs", "Make the index anew: restic repair index.");

    /// <summary>The store does not give a file.</summary>
    public static FindingRule NotGiven { get; } = new(
        "B038", Error, "A file is there, and the store does not give its bytes", $"{LookForDisk}; on a remote store look at its permissions and its state. Check again.");

    /// <summary>Damaged in the first reading, sound in the second.</summary>
    public static FindingRule ReadingsDiffer { get; } = new(
        "B039", Warning, "A file was damaged when it was read, and sound when it was read again", "The file is sound. Look at the memory of this machine, and at the way to the store: bits were changed there.");

    /// <summary>A blob's seal is broken.</summary>
    public static FindingRule BlobNotAuthentic { get; } = new(
        "B040", Error, "A blob was changed since it was sealed, or is of another repository", $"{LookForDisk}. {TakeItBack}. Else run: restic repair packs, then a backup.");

    /// <summary>A blob's compressed form is broken inside an intact seal.</summary>
    public static FindingRule BlobMalformed { get; } = new(
        "B041", Error, "A blob is authentic and cannot be decompressed", "It was written so, by faulty memory or a faulty program. Run: restic repair packs, then a backup.");

    /// <summary>A blob's content is not its id.</summary>
    public static FindingRule BlobNotAsNamed { get; } = new(
        "B042", Error, "A blob is authentic, and its content is not what its id says", "It was written so, by faulty memory or a faulty program, or by somebody who has the key. Run: restic repair packs, then a backup.");

    /// <summary>Header and index agree on a wrong length.</summary>
    public static FindingRule BlobLength { get; } = new(
        "B043", Error, "A blob has another length than header and index say", "restic does not notice this, and restores files with their content in the wrong place. Restore with this program, and make a backup into a new repository.");

    /// <summary>zstd in a version 1 repository.</summary>
    public static FindingRule CompressedInVersion1 { get; } = new(
        "B044", Error, "A repository of version 1 holds compressed blobs", "Other programs cannot restore them. Run: restic migrate upgrade_repo_v2.");

    /// <summary>A snapshot cannot be read.</summary>
    public static FindingRule SnapshotUnreadable { get; } = new(
        "B050", Error, "A snapshot cannot be read although its bytes are what its name says", $"{TakeItBack}. Else remove it: what it backed up is only in the other snapshots.");

    /// <summary>No index has a tree.</summary>
    public static FindingRule TreeMissing { get; } = new(
        "B060", Error, "A directory is lost: no index has its tree", "Make the index anew: restic repair index. Then run a backup, and see whether newer snapshots are whole.");

    /// <summary>No pack gives a tree.</summary>
    public static FindingRule TreeUnreadable { get; } = new(
        "B061", Error, "A directory is lost: no pack gives its tree", "See the finding on its pack, and follow it. Then check again, and see whether newer snapshots are whole.");

    /// <summary>A tree that is none.</summary>
    public static FindingRule TreeMalformed { get; } = new(
        "B062", Error, "A directory is lost: its tree cannot be understood", $"{ReportWriter}. Run a backup with another version.");

    /// <summary>No index has a piece of a file.</summary>
    public static FindingRule DataMissing { get; } = new(
        "B063", Error, "A file is not whole: no index has a piece of it", "Make the index anew: restic repair index. Then run a backup, which stores the piece again if the source still has it.");

    /// <summary>A piece of a file has no sound copy.</summary>
    public static FindingRule ContentLost { get; } = new(
        "B064", Error, "A file is not whole: every copy of a piece of it is missing or damaged", "See the findings on the packs. Restore the file from another snapshot or another repository, and run a backup.");

    /// <summary>Names in disorder.</summary>
    public static FindingRule OutOfOrder { get; } = new(
        "B070", Warning, "The names of a directory are not in order", $"Restoring works; comparing snapshots and finding files may miss some. {ReportWriter}.");

    /// <summary>One name twice.</summary>
    public static FindingRule DuplicateName { get; } = new(
        "B071", Error, "A directory has a name twice", $"Restoring gives only one of the two. Restore both by hand. {ReportWriter}.");

    /// <summary>A name that leaves the directory.</summary>
    public static FindingRule UnsafeName { get; } = new(
        "B072", Error, "A name is a path, or no name at all", "Nobody restores it. Somebody who has the key may have made it to write outside the target: find out who, and restore with this program only.");

    /// <summary>A type nobody knows.</summary>
    public static FindingRule UnknownType { get; } = new(
        "B073", Error, "An entry of a directory is of a type that is not known", $"Nobody restores it. {ReportWriter}.");

    /// <summary>Mode and type disagree.</summary>
    public static FindingRule WrongMode { get; } = new(
        "B074", Warning, "The mode of an entry is that of another type", $"Restoring gives wrong permissions. {ReportWriter}.");

    /// <summary>A file without a list of content.</summary>
    public static FindingRule NoContent { get; } = new(
        "B075", Error, "A file has no list of content", $"restic restores it empty and reports success. {ReportWriter}, and run a backup with another version.");

    /// <summary>Content on what is no file.</summary>
    public static FindingRule StrayContent { get; } = new(
        "B076", Warning, "Something that is no file has content", $"Nobody restores the content. {ReportWriter}.");

    /// <summary>An id of zeros.</summary>
    public static FindingRule NullId { get; } = new(
        "B077", Error, "An entry of a directory refers to a blob of no name", $"It cannot be restored. {ReportWriter}.");

    /// <summary>A directory without tree.</summary>
    public static FindingRule NoSubtree { get; } = new(
        "B078", Error, "A directory has no tree", $"What was in it is not known. {ReportWriter}.");

    /// <summary>A tree on what is no directory.</summary>
    public static FindingRule StraySubtree { get; } = new(
        "B079", Warning, "Something that is no directory has a tree", $"Nobody restores the tree. {ReportWriter}.");

    /// <summary>Size and content disagree.</summary>
    public static FindingRule WrongSize { get; } = new(
        "B080", Error, "The size of a file is not the sum of its content", $"restic restores it with zeros at its end, or cut, and reports success. {ReportWriter}, and run a backup with another version.");

    /// <summary>A key file cannot be read.</summary>
    public static FindingRule KeyUnreadable { get; } = new(
        "B090", Error, "A key file cannot be read: restic refuses the whole repository for it", $"{TakeItBack}, or remove it and give the password anew: backup key add.");

    /// <summary>No key file at all.</summary>
    public static FindingRule NoKey { get; } = new(
        "B091", Error, "There is no key file: no password opens the repository", "Give a password while the repository is open, or from escrow: backup key add.");

    /// <summary>More key files than restic tries.</summary>
    public static FindingRule TooManyKeys { get; } = new(
        "B092", Warning, "There are more key files than restic tries", "Remove those that nobody needs: backup key remove.");

    /// <summary>A lock of nobody.</summary>
    public static FindingRule StaleLock { get; } = new(
        "B093", Hint, "A lock was not refreshed for half an hour", "Make sure that nobody works there, then: backup unlock.");

    /// <summary>A lock that cannot be read.</summary>
    public static FindingRule LockUnreadable { get; } = new(
        "B094", Hint, "A lock is empty or cannot be read", "Make sure that nobody works there, then: backup unlock --remove-all.");

    /// <summary>What an interrupted writer left.</summary>
    public static FindingRule TemporaryFile { get; } = new(
        "B095", Hint, "A temporary file was left by a writer that was interrupted", "Remove it by hand when nobody works in the repository.");

    /// <summary>A file where nobody finds it.</summary>
    public static FindingRule Misplaced { get; } = new(
        "B096", Warning, "A file of the repository lies where no program looks for it", "Move it to where it belongs: the folder of its kind; packs in data/ and the first two digits of their name; names in lower case.");

    /// <summary>What does not belong there.</summary>
    public static FindingRule StrayFile { get; } = new(
        "B097", Hint, "Something lies in the repository that does not belong there", "Find out who put it there, and remove it.");

    /// <summary>Packs nobody has read for too long.</summary>
    public static FindingRule NotVerifiedInTime { get; } = new(
        "B098", Warning, "Packs were never read, or too long ago", "Check with --read-data, or plan a part for every day.");

    /// <summary>The last reading found damage.</summary>
    public static FindingRule FoundDamaged { get; } = new(
        "B099", Error, "A pack was damaged when it was last read, and was not read since", "Check with --read-data: it tells what is damaged in it.");

    /// <summary>By code.</summary>
    public static IReadOnlyList<FindingRule> All { get; } =
    [
        NothingChecked, NoSnapshot, NothingRead, ConfigUnreadable, NotAsNamed, NotRecorded,
        IndexUnreadable, IndexesDisagree, ListedTwice, NotContiguous, MixedPack, LengthsDisagree,
        PackMissing, UnusedPackMissing, PackSize, IndexIncomplete, OrphanPack, PackNotAsNamed, HeaderUnreadable, HeaderDisagrees, NotGiven, ReadingsDiffer,
        BlobNotAuthentic, BlobMalformed, BlobNotAsNamed, BlobLength, CompressedInVersion1,
        SnapshotUnreadable,
        TreeMissing, TreeUnreadable, TreeMalformed, DataMissing, ContentLost,
        OutOfOrder, DuplicateName, UnsafeName, UnknownType, WrongMode, NoContent, StrayContent, NullId, NoSubtree, StraySubtree, WrongSize,
        KeyUnreadable, NoKey, TooManyKeys, StaleLock, LockUnreadable, TemporaryFile, Misplaced, StrayFile, NotVerifiedInTime, FoundDamaged,
    ];
}
