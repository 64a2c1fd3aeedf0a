using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DocIngest.Archive;
using DocIngest.Pipeline.People;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.SystemObjects;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Holds;

/// <summary>What a hold is to cover.</summary>
public abstract record WantedScope
{
    private WantedScope()
    {
    }

    /// <summary>Certain records.</summary>
    public sealed record Records(IReadOnlyCollection<RecordId> Ids) : WantedScope;

    /// <summary>What a search found.</summary>
    public sealed record Query(string Text, IReadOnlyCollection<RecordId> Found) : WantedScope;

    /// <summary>Records with a value.</summary>
    public sealed record Field(string Name, string Value) : WantedScope;

    /// <summary>Records of a class.</summary>
    public sealed record Class(string Name) : WantedScope;
}

/// <summary>How a change of the register ended. Closed: only the cases below exist.</summary>
public abstract record HoldOutcome
{
    private HoldOutcome()
    {
    }

    /// <summary>It was changed.</summary>
    public sealed record Changed(Hold Hold) : HoldOutcome;

    /// <summary>It was not, for a reason that is a sentence for whoever asked.</summary>
    public sealed record Refused(string Why) : HoldOutcome;

    /// <summary>There is no such hold.</summary>
    public sealed record Absent : HoldOutcome;
}

/// <summary>
/// The register of legal holds: a system object of the archive, <c>urn:docingest:holds</c>, which travels with backups. A hold writes one version of it and
/// none of the records it covers, however many. Several processes may use it at once.
/// </summary>
/// <remarks>Whoever destroys holds the lock <see cref="LockName"/> from reading the register until the record is gone: no hold arrives between (I8).</remarks>
/// <param name="objects">The archive's system objects.</param>
/// <param name="data">The data folder, which has copies of the register beside the archive (<c>destruction/</c>).</param>
/// <param name="locks">Of the data folder.</param>
/// <param name="actor">Who asks (I9).</param>
/// <param name="time">The clock.</param>
public sealed class HoldRegister(SystemObjectStore objects, IDurableFolder data, INamedLocks locks, Actor actor, TimeProvider time)
{
    /// <summary>The lock between placing holds and destroying.</summary>
    public const string LockName = "holds";

    // Whoever waits for the other lock holds this one, so that a long execution sees it and lets them in.
    private const string WantedLockName = "holds-wanted";

    /// <summary>Longer than any statement: titles and reasons are some sentences.</summary>
    public const int LargestStatementBytes = 1 << 20;

    private const string PlacedMessage = "hold placed";
    private const string AskedMessage = "release of a hold asked for";
    private const string ReleasedMessage = "hold released";
    private const string RestoredMessage = "holds restored";
    private const int MostHolds = 100_000;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);   // a record with thousands of pages is destroyed in a second

    /// <summary>Its object.</summary>
    public static SystemObjectName Name { get; } = new("holds");

    private readonly HoldsLedger _copies = new(data);

    /// <summary>Lets those in who wait to change the register. For whoever destroys, between some records and the next, without the lock.</summary>
    internal static async Task LetOthersInAsync(INamedLocks locks, CancellationToken cancellation)
    {
        using var wanted = locks.TryAcquire(WantedLockName);
        if (wanted is null)
        {
            using var whenTheyAreDone = await locks.AcquireAsync(WantedLockName, Patience, cancellation);
        }
    }

    /// <summary>Waits until nobody destroys, and keeps others from it; placing holds waits too.</summary>
    /// <exception cref="LockHeldException">Somebody holds it for very long.</exception>
    public static Task<IDisposable> TakeAsync(INamedLocks locks, CancellationToken cancellation) => locks.AcquireAsync(LockName, Patience, cancellation);

    /// <summary>Every hold there ever was, by number.</summary>
    /// <exception cref="DamagedObjectException">The register cannot be read: nothing may be destroyed.</exception>
    public IReadOnlyList<Hold> List() => objects.Find(Name) is { } found ? Read(found).Holds : [];

    /// <summary>The holds that hold, with all they list. One whose release is not signed by two people who are registered holds on, whatever stands in the register.</summary>
    /// <exception cref="DamagedObjectException">The register cannot be read, or is older than its copy beside the archive: nothing may be destroyed.</exception>
    /// <exception cref="FixityException">A list is damaged: nothing may be destroyed.</exception>
    public HoldsInForce InForce()
    {
        var found = objects.Find(Name);
        var document = found is null ? HoldsDocument.None : Read(found);
        if (document.Revision < _copies.NewestRevision)
        {
            throw new DamagedObjectException(new Finding(
                FindingCodes.DocumentUnreadable, found?.Path ?? Name.ObjectId, "The register of holds is older than its copy in destruction/: an older archive was restored. 'retention replay' brings it up to date."));
        }

        if (found is null)
        {
            return HoldsInForce.None;
        }

        var people = new PeopleRegister(objects, actor, time).Read();
        return new HoldsInForce([.. document.Holds.Where(hold => hold.IsInForce || !IsReleaseSigned(found, hold, people)).Select(hold => (hold, MembersOf(found, hold)))]);
    }

    /// <summary>Puts the newest copy in place of the register where that is older: after an older archive was restored.</summary>
    /// <returns>Whether it was.</returns>
    /// <inheritdoc cref="SystemObjectStore.ChangeAsync" path="/exception" />
    public async Task<bool> BringUpToDateAsync(CancellationToken cancellation)
    {
        using var held = await EnterAsync(cancellation);
        return await RestoreAsync(cancellation);
    }

    /// <summary>Writes the register's copy beside the archive, unless it is there: a crash may have left that out.</summary>
    /// <exception cref="StorageException">It may not be there. Repeat.</exception>
    internal Task CopyAsync() => Copy() is { } copy ? _copies.WriteAsync(copy) : Task.CompletedTask;

    // Under the lock.
    private async Task<bool> RestoreAsync(CancellationToken cancellation)
    {
        var found = objects.Find(Name);
        return _copies.NewestRevision > (found is null ? 0 : Read(found).Revision) && _copies.ReadNewest() is { } copy && await RestoreAsync(copy, cancellation);
    }

    // The ticket first, so that whoever destroys lets us in.
    private async Task<IDisposable> EnterAsync(CancellationToken cancellation)
    {
        using var wanted = await locks.AcquireAsync(WantedLockName, Patience, cancellation);
        return await TakeAsync(locks, cancellation);
    }

    private bool IsReleaseSigned(OcflObject found, Hold hold, PeopleDocument people)
    {
        if (hold is not { Asked: { } asked, Released: { } released } || asked.Person == released.Person || objects.Open(found, StatementFile(hold)) is not { } file)
        {
            return false;
        }

        file.Dispose();
        byte[] statement = ReadBytes(found, StatementFile(hold));
        return IsSigned(asked.Person, "asked") && IsSigned(released.Person, "agreed") && ReadStatement(statement)?.Hold == hold.Id;

        bool IsSigned(string person, string by) => people.Find(person) is { } signer && found.FindFile(found.Head, SignatureFile(hold, by)) is not null
            && new PersonalSignature(signer, ReadBytes(found, SignatureFile(hold, by))).IsOver(statement);
    }

    /// <summary>The whole register as one file; null where there is none.</summary>
    /// <exception cref="DamagedObjectException">It cannot be read.</exception>
    /// <exception cref="FixityException">It is damaged.</exception>
    private (int Revision, byte[] Content)? Copy()
    {
        if (objects.Find(Name) is not { } found)
        {
            return null;
        }

        var files = found.ListVersion(found.Head).ToDictionary(file => file.LogicalPath, file => ReadBytes(found, file.LogicalPath));
        int revision = Read(found).Revision;
        return (revision, JsonSerializer.SerializeToUtf8Bytes(new HoldsCopy(revision, files), HoldsJson.Instance.HoldsCopy));
    }

    private async Task<bool> RestoreAsync(byte[] copied, CancellationToken cancellation)
    {
        var copy = ReadCopy(copied) ?? throw new DamagedObjectException(new Finding(FindingCodes.DocumentUnreadable, DataFolder.Destruction, "The copy of the register of holds cannot be read."));
        bool isRestored = false;
        await objects.ChangeAsync(
            Name,
            found =>
            {
                isRestored = found is null || Read(found).Revision < copy.Revision;
                return isRestored ? new SystemObjectChange(RestoredMessage, copy.Files.ToDictionary(file => file.Key, file => (ReadOnlyMemory<byte>)file.Value)) : null;
            },
            cancellation);
        return isRestored;
    }

    /// <summary>Places a hold.</summary>
    /// <param name="title">What people are to call it.</param>
    /// <param name="reason">Why.</param>
    /// <param name="scope">What it covers.</param>
    /// <param name="people">Who may.</param>
    /// <param name="cancellation">Heeded until the version is placed.</param>
    /// <returns>What became of it; where nothing is listed, <see cref="HoldOutcome.Refused"/>.</returns>
    /// <inheritdoc cref="SystemObjectStore.ChangeAsync" path="/exception" />
    public async Task<HoldOutcome> PlaceAsync(string title, string reason, WantedScope scope, PeopleDocument people, CancellationToken cancellation)
    {
        // Before anybody is registered, whoever may write the data folder may also keep it from destroying; ending that takes people.
        if (!people.IsEmpty && people.OfAccount(actor.Address)?.Has(PersonRole.RecordsManager) != true)
        {
            return new HoldOutcome.Refused($"The account {actor.Name} is not that of a registered {PersonRole.RecordsManager}.");
        }

        return await ChangeAsync(
            (document, _) =>
            {
                if (document.Holds.Count >= MostHolds)
                {
                    return (new HoldOutcome.Refused($"The register has {MostHolds:N0} holds, which is as many as it may."), null);
                }

                var (written, members) = ScopeOf(scope, document.Holds.Count + 1);
                var hold = new Hold(document.Holds.Count + 1, title, reason, written, time.GetUtcNow(), actor.Name, actor.Address);
                return written is { Listed.Count: 0 }
                    ? (new HoldOutcome.Refused("It would cover no record."), null)
                    : (new HoldOutcome.Changed(hold), ChangeOf(PlacedMessage, document with { Holds = [.. document.Holds, hold] }, members));
            },
            cancellation);
    }

    /// <summary>The statement that whoever asks for a release signs.</summary>
    /// <returns>Its bytes; null where there is no such hold in force.</returns>
    public byte[]? DraftRelease(int number, string reason, Person by) => List().FirstOrDefault(hold => hold.Number == number && hold.IsInForce) is { } hold
        ? JsonSerializer.SerializeToUtf8Bytes(new ReleaseStatement(hold.Id, hold.Title, hold.PlacedAt, reason, by.Id, time.GetUtcNow()), HoldsJson.Instance.ReleaseStatement)
        : null;

    /// <summary>The statement that stands, for whoever is to agree; null where no release was asked for.</summary>
    /// <exception cref="FixityException">It is damaged.</exception>
    public byte[]? StatementOf(int number)
    {
        if (objects.Find(Name) is not { } found || Read(found).Holds.FirstOrDefault(hold => hold.Number == number) is not { Asked: not null } hold)
        {
            return null;
        }

        return ReadBytes(found, StatementFile(hold));
    }

    /// <summary>Asks for a release. It holds on until another person has agreed; asking again replaces what was asked.</summary>
    /// <param name="number">The hold.</param>
    /// <param name="statement">Of <see cref="DraftRelease"/>.</param>
    /// <param name="signature">Whoever asks, over the statement.</param>
    /// <param name="cancellation">Heeded until the version is placed.</param>
    /// <inheritdoc cref="SystemObjectStore.ChangeAsync" path="/exception" />
    public Task<HoldOutcome> AskReleaseAsync(int number, byte[] statement, PersonalSignature signature, CancellationToken cancellation) => ChangeAsync(
        number,
        hold =>
        {
            var said = ReadStatement(statement);
            var asked = hold with { Asked = new HoldSignature(signature.Person.Id, time.GetUtcNow(), actor.Address), ReleaseReason = said?.Reason };
            return said is null || said.Hold != hold.Id || said.Title != hold.Title || said.PlacedAt != hold.PlacedAt || said.AskedBy != signature.Person.Id
                    ? Refuse($"The statement is not one by which {signature.Person.Id} asks for the release of {hold.Id}.")
                : !signature.Person.Has(PersonRole.RecordsManager) ? Refuse($"{signature.Person.Id} is no {PersonRole.RecordsManager}.")
                : !signature.IsOver(statement) ? Refuse(NotTheirs(signature))
                : (new HoldOutcome.Changed(asked), AskedMessage, [(StatementFile(hold), statement), (SignatureFile(hold, "asked"), signature.Der)]);
        },
        cancellation);

    /// <summary>Agrees to a release that somebody else has asked for: the hold ends.</summary>
    /// <param name="number">The hold.</param>
    /// <param name="signature">Whoever agrees, over <see cref="StatementOf"/>.</param>
    /// <param name="cancellation">Heeded until the version is placed.</param>
    /// <inheritdoc cref="SystemObjectStore.ChangeAsync" path="/exception" />
    public Task<HoldOutcome> AgreeReleaseAsync(int number, PersonalSignature signature, CancellationToken cancellation) => ChangeAsync(
        number,
        hold =>
        {
            var released = hold with { Released = new HoldSignature(signature.Person.Id, time.GetUtcNow(), actor.Address) };
            return hold.Asked is not { } asked ? Refuse("Nobody has asked for its release yet.")
                : !signature.Person.Has(PersonRole.RecordsManager) && !signature.Person.Has(PersonRole.Approver) ? Refuse($"{signature.Person.Id} is neither {PersonRole.RecordsManager} nor {PersonRole.Approver}.")
                : asked.Person == signature.Person.Id || asked.Account == actor.Address ? Refuse("Whoever asked for the release cannot agree to it: that takes another person.")
                : StatementOf(number) is not { } statement || !signature.IsOver(statement) ? Refuse(NotTheirs(signature))
                : (new HoldOutcome.Changed(released), ReleasedMessage, [(SignatureFile(hold, "agreed"), signature.Der)]);
        },
        cancellation);

    private static HoldsCopy? ReadCopy(byte[] copied)
    {
        try
        {
            return JsonSerializer.Deserialize(copied, HoldsJson.Instance.HoldsCopy);
        }
        catch (JsonException)
        {
            return null;   // told as damage; the parser's message may quote it
        }
    }

    private static ReleaseStatement? ReadStatement(byte[] statement)
    {
        try
        {
            return JsonSerializer.Deserialize(statement, HoldsJson.Instance.ReleaseStatement);
        }
        catch (JsonException)
        {
            return null;   // refused as none; the parser's message may quote it
        }
    }

    private static string NotTheirs(PersonalSignature signature) => $"The signature is not that of {signature.Person.Id} over this statement.";

    private static (HoldOutcome, string, (string, byte[])[]) Refuse(string why) => (new HoldOutcome.Refused(why), "", []);

    private Task<HoldOutcome> ChangeAsync(
        int number, Func<Hold, (HoldOutcome Outcome, string Message, (string Path, byte[] Content)[] Files)> change, CancellationToken cancellation) => ChangeAsync(
        (document, _) =>
        {
            if (document.Holds.FirstOrDefault(hold => hold.Number == number) is not { } hold)
            {
                return (new HoldOutcome.Absent(), null);
            }

            if (!hold.IsInForce)
            {
                return (new HoldOutcome.Refused($"{hold.Id} was released on {hold.Released?.At:yyyy-MM-dd}."), null);
            }

            var (outcome, message, files) = change(hold);
            return (outcome, outcome is HoldOutcome.Changed changed ? ChangeOf(message, document.With(changed.Hold), files) : null);
        },
        cancellation);

    private async Task<HoldOutcome> ChangeAsync(
        Func<HoldsDocument, OcflObject?, (HoldOutcome Outcome, SystemObjectChange? Change)> change, CancellationToken cancellation)
    {
        using var held = await EnterAsync(cancellation);
        await RestoreAsync(cancellation);   // a change of an older register would take the place of what its copy has
        HoldOutcome? outcome = null;
        await objects.ChangeAsync(
            Name,
            found =>
            {
                (outcome, var made) = change(found is null ? HoldsDocument.None : Read(found), found);
                return made;
            },
            cancellation);
        await CopyAsync();
        return outcome!;   // the store calls at once, or throws
    }

    private static SystemObjectChange ChangeOf(string message, HoldsDocument document, params IEnumerable<(string Path, byte[] Content)> files)
    {
        var all = files.ToDictionary(file => file.Path, file => (ReadOnlyMemory<byte>)file.Content);
        all[HoldsDocument.FileName] = JsonSerializer.SerializeToUtf8Bytes(document with { Revision = document.Revision + 1 }, HoldsJson.Instance.HoldsDocument);
        return new SystemObjectChange(message, all);
    }

    private static (HoldScope Scope, (string Path, byte[] Content)[] Files) ScopeOf(WantedScope wanted, int number)
    {
        switch (wanted)
        {
            case WantedScope.Records records:
                var (members, file) = MembersOf(records.Ids, number);
                return (new HoldScope.Records(members), [file]);
            case WantedScope.Query query:
                (members, file) = MembersOf(query.Found, number);
                return (new HoldScope.Query(query.Text, members), [file]);
            case WantedScope.Field field:
                return (new HoldScope.Field(field.Name, field.Value), []);
            case WantedScope.Class named:
                return (new HoldScope.Class(named.Name), []);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static (HoldMembers Members, (string Path, byte[] Content) File) MembersOf(IReadOnlyCollection<RecordId> ids, int number)
    {
        string[] lines = [.. ids.Select(id => id.ToBareString()).Distinct().Order(StringComparer.Ordinal)];
        byte[] content = Encoding.ASCII.GetBytes(string.Concat(lines.Select(line => line + "\n")));
        string path = $"members/hold-{number}.txt";
        return (new HoldMembers(path, lines.Length, Convert.ToHexStringLower(SHA512.HashData(content))), (path, content));
    }

    private HashSet<RecordId> MembersOf(OcflObject found, Hold hold)
    {
        if (hold.Scope.Listed is not { } members)
        {
            return [];
        }

        byte[] content = ReadBytes(found, members.File);
        var ids = Encoding.ASCII.GetString(content).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(RecordId.Parse).ToHashSet();
        return ids.Count == members.Count && Convert.ToHexStringLower(SHA512.HashData(content)) == members.Sha512
            ? ids
            : throw new DamagedObjectException(new Finding(FindingCodes.DocumentUnreadable, found.Path, $"{members.File} is not the list that was written."));
    }

    private byte[] ReadBytes(OcflObject found, string path)
    {
        using var stream = objects.Open(found, path)
            ?? throw new DamagedObjectException(new Finding(FindingCodes.DocumentUnreadable, found.Path, $"{path} is missing."));
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }

    private HoldsDocument Read(OcflObject found) => objects.ReadJson(
        found, HoldsDocument.FileName, HoldsJson.Instance.HoldsDocument, HoldsDocument.MostBytes, read => read.Format == HoldsDocument.CurrentFormat);

    private static string StatementFile(Hold hold) => $"release/{hold.Id}.json";

    private static string SignatureFile(Hold hold, string by) => $"release/{hold.Id}.{by}.p7s";
}
