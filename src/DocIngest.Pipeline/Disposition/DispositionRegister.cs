using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using DocIngest.Archive;
using DocIngest.Pipeline.People;
using DocIngest.Pipeline.SystemObjects;

namespace DocIngest.Pipeline.Disposition;

/// <summary>
/// The destruction register: proposals, approvals, what was destroyed and the certificates. A system object of the archive, <c>urn:docingest:disposition</c>,
/// kept for good. Several processes may use it at once.
/// </summary>
/// <param name="objects">The archive's system objects.</param>
/// <param name="actor">Who asks (I9).</param>
/// <param name="time">The clock.</param>
public sealed class DispositionRegister(SystemObjectStore objects, Actor actor, TimeProvider time)
{
    /// <summary>Records of one disposition at most: approvers are to look at them.</summary>
    public const int MostRecords = 100_000;

    private const int MostProposalBytes = 16 << 20;

    /// <summary>Its object.</summary>
    public static SystemObjectName Name { get; } = new("disposition");

    /// <summary>Every disposition there ever was, by number.</summary>
    /// <exception cref="DamagedObjectException">The register cannot be read: nothing may be destroyed.</exception>
    public IReadOnlyList<Proposed> List() => ReadDocument().Dispositions;

    /// <summary>Proposes to destroy records.</summary>
    /// <param name="records">Which, of which bytes.</param>
    /// <param name="classes">Their classes as they are now.</param>
    /// <param name="reason">Why.</param>
    /// <param name="coolOffDays">Days between the second approval and the execution.</param>
    /// <param name="by">Who proposes: has to be allowed to.</param>
    /// <param name="lastNumber">The last number that the ledger knows: an archive that was restored may have forgotten some.</param>
    /// <param name="cancellation">Heeded until the version is placed.</param>
    /// <inheritdoc cref="SystemObjectStore.ChangeAsync" path="/exception" />
    public async Task<DispositionOutcome> ProposeAsync(
        IReadOnlyList<ProposedRecord> records, IReadOnlyList<ProposedClass> classes, string reason, int coolOffDays, Person by, int lastNumber, CancellationToken cancellation)
    {
        if (records.Count is 0 or > MostRecords)
        {
            return new DispositionOutcome.Refused(records.Count == 0 ? "There is no record to propose." : $"One disposition has {MostRecords:N0} records at most, and these are {records.Count:N0}: propose them by class.");
        }

        return await ChangeAsync(
            "disposition proposed",
            document =>
            {
                var now = time.GetUtcNow();
                int number = Math.Max(lastNumber, document.Dispositions.Select(one => one.Number).DefaultIfEmpty(0).Max()) + 1;
                byte[] list = Lines(records, DispositionJson.Instance.ProposedRecord);
                byte[] proposal = JsonSerializer.SerializeToUtf8Bytes(
                    new Proposal($"d-{number}", by.Id, now, reason, coolOffDays, records.Count, Hex(list), classes), DispositionJson.Instance.Proposal);
                var proposed = new Proposed(number, records.Count, Hex(proposal), by.Id, now, actor.Address, coolOffDays);
                return (new DispositionOutcome.Changed(proposed), document with { Dispositions = [.. document.Dispositions, proposed] },
                    [(DispositionFiles.Proposal(proposed), proposal), (DispositionFiles.Records(proposed), list)]);
            },
            cancellation);
    }

    /// <summary>The bytes that approvers sign; null where there is no such disposition.</summary>
    /// <exception cref="DamagedObjectException">They are not those that were proposed.</exception>
    /// <exception cref="FixityException">They are damaged.</exception>
    public byte[]? ProposalOf(int number) => ReadDocument().Find(number) is { } disposition ? ReadProposal(disposition) : null;

    /// <summary>The proposal and its records; null where there is no such disposition.</summary>
    /// <exception cref="DamagedObjectException">They are not those that were proposed.</exception>
    /// <exception cref="FixityException">They are damaged.</exception>
    public (Proposal Proposal, IReadOnlyList<ProposedRecord> Records)? Find(int number)
    {
        if (ReadDocument().Find(number) is not { } disposition)
        {
            return null;
        }

        var proposal = Parse(ReadProposal(disposition), DispositionJson.Instance.Proposal);
        byte[] list = ReadBytes(DispositionFiles.Records(disposition), int.MaxValue);
        return Hex(list) == proposal.RecordsSha512 ? (proposal, ParseLines(list, DispositionJson.Instance.ProposedRecord)) : throw Damaged("the list is not the one that was proposed");
    }

    /// <summary>What became of each record; empty before the end.</summary>
    /// <exception cref="DamagedObjectException">It cannot be read.</exception>
    /// <exception cref="FixityException">It is damaged.</exception>
    public IReadOnlyList<RecordOutcome> OutcomesOf(Proposed disposition) => disposition.EndedAt is null
        ? []
        : ParseLines(ReadBytes(DispositionFiles.Outcomes(disposition), int.MaxValue), DispositionJson.Instance.RecordOutcome);

    /// <summary>The last certificate of a disposition that has ended.</summary>
    /// <exception cref="DamagedObjectException">It cannot be read.</exception>
    /// <exception cref="FixityException">It is damaged.</exception>
    internal (byte[] Json, DestructionCertificate Certificate) LastCertificateOf(Proposed disposition)
    {
        byte[] json = ReadBytes(DispositionFiles.Certificate(disposition, disposition.Certificates), int.MaxValue);
        return (json, Parse(json, DispositionJson.Instance.DestructionCertificate));
    }

    /// <summary>A file of a disposition as it stands, for whoever verifies it; null where there is none.</summary>
    /// <exception cref="FixityException">It is damaged.</exception>
    public byte[]? FileOf(Proposed disposition, string name) =>
        objects.Find(Name) is { } found && found.FindFile(found.Head, $"{disposition.Id}/{name}") is not null ? ReadBytes($"{disposition.Id}/{name}", int.MaxValue) : null;

    /// <summary>Approves: the second approval lets it be executed after its days of cool-off.</summary>
    /// <param name="number">Which.</param>
    /// <param name="signature">The approver's, over <see cref="ProposalOf"/>.</param>
    /// <param name="cancellation">Heeded until the version is placed.</param>
    /// <inheritdoc cref="SystemObjectStore.ChangeAsync" path="/exception" />
    public Task<DispositionOutcome> ApproveAsync(int number, PersonalSignature signature, CancellationToken cancellation) => ChangeOneAsync(
        "disposition approved",
        number,
        disposition =>
        {
            var person = signature.Person;
            string? refusal = !person.Has(PersonRole.Approver) ? $"{person.Id} is no {PersonRole.Approver}."
                : disposition.State != "proposed" ? $"{disposition.Id} is {disposition.State}."
                : disposition.ProposedBy == person.Id || disposition.Account == actor.Address ? "Whoever proposed cannot approve: that takes two other people."
                : time.GetUtcNow() < disposition.Approvals.Select(one => one.At).Append(disposition.ProposedAt).Max() ? "The clock of this machine is behind the proposal or the first approval."
                : disposition.Approvals.Any(one => one.Person == person.Id || one.Account == actor.Address) ? "They have approved already: the second approval takes another person."
                : !signature.IsOver(ReadProposal(disposition)) ? $"The signature is not that of {person.Id} over this proposal."
                : null;
            var approved = disposition with { Approvals = [.. disposition.Approvals, new Approval(person.Id, time.GetUtcNow(), actor.Address)] };
            return refusal is not null
                ? (new DispositionOutcome.Refused(refusal), null, [])
                : (new DispositionOutcome.Changed(approved), approved, [(DispositionFiles.Approval(disposition, approved.Approvals.Count), signature.Der)]);
        },
        cancellation);

    /// <summary>Rejects a proposal, or takes it back: nothing of it is destroyed.</summary>
    /// <inheritdoc cref="SystemObjectStore.ChangeAsync" path="/exception" />
    public Task<DispositionOutcome> RejectAsync(int number, Person by, string reason, CancellationToken cancellation) => ChangeOneAsync(
        "disposition rejected",
        number,
        disposition =>
        {
            if (disposition.State is not ("proposed" or "approved"))
            {
                return (new DispositionOutcome.Refused($"{disposition.Id} is {disposition.State}."), null, []);
            }

            var rejected = disposition with { Rejected = new Rejection(by.Id, time.GetUtcNow(), actor.Address, reason) };
            return (new DispositionOutcome.Changed(rejected), rejected, []);
        },
        cancellation);

    /// <summary>Begins to carry it out, or goes on after a crash. Every condition is looked at again, the signatures too.</summary>
    /// <param name="number">Which.</param>
    /// <param name="people">Whose certificates count.</param>
    /// <param name="cancellation">Heeded until the version is placed.</param>
    /// <inheritdoc cref="SystemObjectStore.ChangeAsync" path="/exception" />
    internal Task<DispositionOutcome> BeginAsync(int number, PeopleDocument people, CancellationToken cancellation) => ChangeOneAsync(
        "disposition begun",
        number,
        disposition =>
        {
            if (Obstacle(disposition, people) is { } why)
            {
                return (new DispositionOutcome.Refused(why), null, []);
            }

            var begun = disposition.BegunAt is null ? disposition with { BegunAt = time.GetUtcNow() } : null;
            return (new DispositionOutcome.Changed(begun ?? disposition), begun, []);
        },
        cancellation);

    /// <summary>Notes what became of each record, with the first certificate.</summary>
    /// <inheritdoc cref="SystemObjectStore.ChangeAsync" path="/exception" />
    internal Task<DispositionOutcome> EndAsync(int number, IReadOnlyList<RecordOutcome> outcomes, SignedCertificate certificate, CancellationToken cancellation) => ChangeOneAsync(
        "records destroyed",
        number,
        disposition =>
        {
            var ended = disposition with
            {
                EndedAt = time.GetUtcNow(), Destroyed = outcomes.Count(one => one.Destroyed), Certificates = 1, IsGoneEverywhere = certificate.IsGoneEverywhere,
            };
            return (new DispositionOutcome.Changed(ended), ended,
                [(DispositionFiles.Outcomes(disposition), Lines(outcomes, DispositionJson.Instance.RecordOutcome)), .. CertificateFiles(disposition, 1, certificate)]);
        },
        cancellation);

    /// <summary>Adds a further certificate.</summary>
    /// <inheritdoc cref="SystemObjectStore.ChangeAsync" path="/exception" />
    internal Task<DispositionOutcome> CertifyAsync(int number, SignedCertificate certificate, CancellationToken cancellation) => ChangeOneAsync(
        "destruction certified",
        number,
        disposition =>
        {
            var certified = disposition with { Certificates = disposition.Certificates + 1, IsGoneEverywhere = certificate.IsGoneEverywhere };
            return (new DispositionOutcome.Changed(certified), certified, [.. CertificateFiles(disposition, certified.Certificates, certificate)]);
        },
        cancellation);

    /// <summary>Notes that a person says of a repository that it is gone: one that the last certificate names and that is not configured any more.</summary>
    /// <inheritdoc cref="SystemObjectStore.ChangeAsync" path="/exception" />
    public Task<DispositionOutcome> DeclareGoneAsync(int number, string repository, Person by, string reason, CancellationToken cancellation) => ChangeOneAsync(
        "copies declared gone",
        number,
        disposition =>
        {
            if (disposition.EndedAt is null)
            {
                return (new DispositionOutcome.Refused($"{disposition.Id} is {disposition.State}: nothing of it is certified yet."), null, []);
            }

            var open = LastCertificateOf(disposition).Certificate.Repositories.Where(one => !one.IsDone).Select(one => one.Repository).ToList();
            if (!open.Contains(repository, StringComparer.Ordinal))
            {
                return (new DispositionOutcome.Refused(open.Count == 0
                    ? $"The last certificate of {disposition.Id} names no repository that still holds some of it."
                    : $"The last certificate of {disposition.Id} does not name it. It names: {string.Join(", ", open)}."), null, []);
            }

            if (disposition.DeclaredGone.Any(one => one.Repository == repository))
            {
                return (new DispositionOutcome.Refused("That was said before."), null, []);
            }

            var declared = disposition with { DeclaredGone = [.. disposition.DeclaredGone, new DeclaredGone(repository, by.Id, time.GetUtcNow(), actor.Address, reason)] };
            return (new DispositionOutcome.Changed(declared), declared, []);
        },
        cancellation);

    /// <summary>Notes that a destruction known from the ledger alone was carried out again.</summary>
    /// <inheritdoc cref="SystemObjectStore.ChangeAsync" path="/exception" />
    internal Task NoteReplayAsync(string disposition, CancellationToken cancellation) => ChangeAsync(
        "ledger replayed",
        document => (new DispositionOutcome.Absent(), document with { Replayed = [.. document.Replayed, new Replayed(disposition, time.GetUtcNow())] }, []),
        cancellation);

    /// <summary>Dispositions that this archive has carried out, or carried out again.</summary>
    internal IReadOnlySet<string> CarriedOut()
    {
        var document = ReadDocument();
        return document.Dispositions.Where(one => one.EndedAt is not null).Select(one => one.Id).Concat(document.Replayed.Select(one => one.Disposition)).ToHashSet(StringComparer.Ordinal);
    }

    // Nothing that was true at the approval is taken for true now: but for what was signed, which is verified again.
    private string? Obstacle(Proposed disposition, PeopleDocument people)
    {
        if (disposition.State is not ("approved" or "executing") || disposition.ExecutableFrom is not { } from)
        {
            return disposition.State == "proposed" ? $"{disposition.Id} has {disposition.Approvals.Count} of {Proposed.ApprovalsNeeded} approvals." : $"{disposition.Id} is {disposition.State}.";
        }

        var now = time.GetUtcNow();
        if (now < from || now < disposition.Approvals[^1].At)
        {
            return $"{disposition.Id} may be executed from {from:yyyy-MM-dd HH:mm}Z on.";
        }

        byte[] proposal = ReadProposal(disposition);
        var signed = Parse(proposal, DispositionJson.Instance.Proposal);
        if (signed.Disposition != disposition.Id || signed.ProposedBy != disposition.ProposedBy || signed.Records != disposition.Records || signed.CoolOffDays != disposition.CoolOffDays)
        {
            return $"What was signed is not {disposition.Id} as the register has it: it was changed, or forged.";
        }

        DateTimeOffset[] times = [signed.ProposedAt, .. disposition.Approvals.Select(one => one.At)];
        if (!times.Order().SequenceEqual(times))
        {
            return $"The approvals of {disposition.Id} are older than its proposal, or than one another: a clock was wrong.";
        }

        for (int at = 0; at < disposition.Approvals.Count; at++)
        {
            var approval = disposition.Approvals[at];
            byte[] signature = ReadBytes(DispositionFiles.Approval(disposition, at + 1), MostProposalBytes);
            if (people.Find(approval.Person) is not { } person || !new PersonalSignature(person, signature).IsOver(proposal))
            {
                return $"Approval {at + 1} of {disposition.Id} is not signed by {approval.Person} over this proposal: it was changed, or forged.";
            }
        }

        string[] decided = [disposition.ProposedBy, .. disposition.Approvals.Select(one => one.Person)];
        string[] accounts = [disposition.Account, .. disposition.Approvals.Select(one => one.Account)];
        return decided.Distinct().Count() == decided.Length && accounts.Distinct().Count() == accounts.Length ? null : $"{disposition.Id} was not decided by three people.";
    }

    private static IEnumerable<(string Path, byte[] Content)> CertificateFiles(Proposed disposition, int number, SignedCertificate certificate) =>
    [
        (DispositionFiles.Certificate(disposition, number), certificate.Json),
        (DispositionFiles.Certificate(disposition, number) + ".p7s", certificate.Signature),
        (DispositionFiles.Signer(disposition, number), certificate.SignerPem),
    ];

    private Task<DispositionOutcome> ChangeOneAsync(
        string message, int number, Func<Proposed, (DispositionOutcome Outcome, Proposed? Changed, (string Path, byte[] Content)[] Files)> change, CancellationToken cancellation) => ChangeAsync(
        message,
        document =>
        {
            if (document.Find(number) is not { } disposition)
            {
                return (new DispositionOutcome.Absent(), null, []);
            }

            var (outcome, changed, files) = change(disposition);
            return (outcome, changed is null ? null : document.With(changed), files);
        },
        cancellation);

    private async Task<DispositionOutcome> ChangeAsync(
        string message, Func<DispositionDocument, (DispositionOutcome Outcome, DispositionDocument? Changed, (string Path, byte[] Content)[] Files)> change, CancellationToken cancellation)
    {
        DispositionOutcome? outcome = null;
        await objects.ChangeAsync(
            Name,
            found =>
            {
                (outcome, var changed, var files) = change(found is null ? DispositionDocument.None : Read(found));
                if (changed is null)
                {
                    return null;
                }

                var all = files.ToDictionary(file => file.Path, file => (ReadOnlyMemory<byte>)file.Content);
                all[DispositionDocument.FileName] = JsonSerializer.SerializeToUtf8Bytes(changed, DispositionJson.Instance.DispositionDocument);
                return new SystemObjectChange(message, all);
            },
            cancellation);
        return outcome!;   // the store calls at once, or throws
    }

    private byte[] ReadProposal(Proposed disposition)
    {
        byte[] proposal = ReadBytes(DispositionFiles.Proposal(disposition), MostProposalBytes);
        return Hex(proposal) == disposition.ProposalSha512 ? proposal : throw Damaged("the proposal is not the one that was made");
    }

    private byte[] ReadBytes(string path, int mostBytes)
    {
        var found = objects.Find(Name) ?? throw Damaged("it is gone");
        using var stream = objects.Open(found, path) ?? throw Damaged($"{path} is missing");
        if (stream.Length > mostBytes)
        {
            throw Damaged($"{path} is too large");
        }

        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }

    private DispositionDocument ReadDocument() => objects.Find(Name) is { } found ? Read(found) : DispositionDocument.None;

    private DispositionDocument Read(OcflObject found) => objects.ReadJson(
        found, DispositionDocument.FileName, DispositionJson.Instance.DispositionDocument, DispositionDocument.MostBytes, read => read.Format == DispositionDocument.CurrentFormat);

    private static T Parse<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw Damaged("a document is null");
        }
        catch (JsonException)
        {
            throw Damaged("a document cannot be read, or is of a newer program");
        }
    }

    private static List<T> ParseLines<T>(byte[] lines, JsonTypeInfo<T> type)
        where T : class
    {
        var read = new List<T>();
        for (var rest = lines.AsSpan(); rest.Length > 0;)
        {
            int end = rest.IndexOf((byte)'\n');
            read.Add(Parse(end < 0 ? rest : rest[..end], type));
            rest = end < 0 ? [] : rest[(end + 1)..];
        }

        return read;
    }

    private static byte[] Lines<T>(IEnumerable<T> items, JsonTypeInfo<T> type)
    {
        using var lines = new MemoryStream();
        foreach (var item in items)
        {
            JsonSerializer.Serialize(lines, item, type);
            lines.WriteByte((byte)'\n');
        }

        return lines.ToArray();
    }

    private static string Hex(byte[] content) => Convert.ToHexStringLower(SHA512.HashData(content));

    private static DamagedObjectException Damaged(string what) => new(new Finding(FindingCodes.DocumentUnreadable, Name.ObjectId, $"The destruction register: {what}."));
}
