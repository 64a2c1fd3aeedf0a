using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DocIngest.Archive;
using DocIngest.Pipeline.People;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.SystemObjects;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Holds;

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

    private HoldsReading Reading => new(objects, _copies, new PeopleRegister(objects, actor, time));

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
    public IReadOnlyList<Hold> List() => Reading is var reading && reading.Find() is { } found ? reading.Read(found).Holds : [];

    /// <inheritdoc cref="HoldsReading.InForce" />
    public HoldsInForce InForce() => Reading.InForce();

    /// <summary>Puts the newest copy in place of the register where that is older: after an older archive was restored.</summary>
    /// <returns>Whether it was.</returns>
    /// <inheritdoc cref="SystemObjectStore.ChangeAsync" path="/exception" />
    public async Task<bool> BringUpToDateAsync(CancellationToken cancellation)
    {
        if (!Reading.IsBehind())
        {
            return false;   // without the locks: each session asks at its start
        }

        using var held = await EnterAsync(cancellation);
        return await RestoreAsync(cancellation);
    }

    /// <summary>Writes the register's copy beside the archive, unless it is there: a crash may have left that out.</summary>
    /// <exception cref="StorageException">It may not be there. Repeat.</exception>
    internal async Task CopyAsync(CancellationToken cancellation)
    {
        using var held = await EnterAsync(cancellation);
        await WriteCopyAsync();
    }

    // Under the lock: a name has one writer.
    private Task WriteCopyAsync() => Reading.Copy() is { } copy ? _copies.WriteAsync(copy) : Task.CompletedTask;

    // Under the lock.
    private async Task<bool> RestoreAsync(CancellationToken cancellation) =>
        Reading.IsBehind() && _copies.ReadNewest() is { } copy && await RestoreAsync(copy, cancellation);

    // The ticket first, so that whoever destroys lets us in.
    private async Task<IDisposable> EnterAsync(CancellationToken cancellation)
    {
        using var wanted = await locks.AcquireAsync(WantedLockName, Patience, cancellation);
        return await TakeAsync(locks, cancellation);
    }

    private async Task<bool> RestoreAsync(byte[] copied, CancellationToken cancellation)
    {
        var copy = ReadCopy(copied) ?? throw new DamagedObjectException(new Finding(FindingCodes.DocumentUnreadable, DataFolder.Destruction, "The copy of the register of holds cannot be read."));
        bool isRestored = false;
        await objects.ChangeAsync(
            Name,
            found =>
            {
                isRestored = found is null || Reading.Read(found).Revision < copy.Revision;
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
        var reading = Reading;
        if (reading.Find() is not { } found || reading.Read(found).Holds.FirstOrDefault(hold => hold.Number == number) is not { Asked: not null } hold)
        {
            return null;
        }

        return reading.ReadBytes(found, HoldFiles.Statement(hold));
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
            var said = HoldsReading.ReadStatement(statement);
            var asked = hold with { Asked = new HoldSignature(signature.Person.Id, time.GetUtcNow(), actor.Address), ReleaseReason = said?.Reason };
            return said is null || said.Hold != hold.Id || said.Title != hold.Title || said.PlacedAt != hold.PlacedAt || said.AskedBy != signature.Person.Id
                    ? Refuse($"The statement is not one by which {signature.Person.Id} asks for the release of {hold.Id}.")
                : !signature.Person.Has(PersonRole.RecordsManager) ? Refuse($"{signature.Person.Id} is no {PersonRole.RecordsManager}.")
                : !signature.IsOver(statement) ? Refuse(NotTheirs(signature))
                : (new HoldOutcome.Changed(asked), AskedMessage, [(HoldFiles.Statement(hold), statement), (HoldFiles.Signature(hold, "asked"), signature.Der)]);
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
                : (new HoldOutcome.Changed(released), ReleasedMessage, [(HoldFiles.Signature(hold, "agreed"), signature.Der)]);
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
                (outcome, var made) = change(found is null ? HoldsDocument.None : Reading.Read(found), found);
                return made;
            },
            cancellation);
        await WriteCopyAsync();
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
        string path = HoldFiles.Members(number);
        return (new HoldMembers(path, lines.Length, Convert.ToHexStringLower(SHA512.HashData(content))), (path, content));
    }
}
