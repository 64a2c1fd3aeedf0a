using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;

namespace DocIngest.Pipeline.Revisions;

/// <summary>What becomes of a record when its document has been read again: it is classified anew, and what people decided stays.</summary>
internal sealed class LaterFindings(IngestEnvironment environment)
{
    /// <summary>The record with what was read now, and what the rules make of it.</summary>
    public RecordChange Change(RecordInRevision record, ExtractionResult read)
    {
        var former = record.Entry.Record;
        if (environment.Options.Profiles.FirstOrDefault(known => known.Name == former.Profile) is not { } profile)
        {
            return TextAlone(former, read);
        }

        var sidecar = RecordDocuments.ReadSidecar(environment.Archive, record.Archived) is { } json ? Sidecar.Read(json).Sidecar : null;
        var found = environment.Classifier.Classify(Facts(former, read, profile, sidecar));
        string? key = KeyOf(former, found);
        string? newKey = former.Withdrawn is null && key != former.DocumentKey && profile.OnExistingKey != ExistingKeyPolicy.NewRecord ? key : null;
        bool isAnothers = newKey is not null && IsAnothers(former, newKey);
        var flags = former.Flags.Where(RecordFlag.OutlastsReading)
            .Concat(ReviewFlags.Of(profile, environment.Classifier.Rules, read, found))
            .Concat(isAnothers ? [RecordFlag.KeyExists] : [])
            .Concat(IsStillNobodys(former, found) ? [RecordFlag.IdentityMismatch] : []);
        return new RecordChange(
            RecordDocuments.WithFindings(former, profile, read, found, flags) with
            {
                DocumentKey = key,
                Title = former.Decisions.Select(decision => decision.Title).LastOrDefault(title => title is not null) ?? found.Title,
                Identity = ScanIdentity.Of(
                    former.Profile, key, sidecar?.Fields ?? new Dictionary<string, string>(), former.OriginalsDigest, former.PartOf?.Sheet),
                Decisions = [.. former.Decisions.Select(decision => decision with { Settles = [.. decision.Settles.Where(RecordFlag.OutlastsReading)] })],
            },
            RevisionReason.ReadLater)
        {
            TakesKey = newKey is not null && !isAnothers,
            Text = environment.Classifier.WithLanguages(read.Text, profile.Languages),
            Rendition = read.Rendition,
            ReplacesRendition = true,
        };
    }

    // Of a record that had a patient a part has none, and reading it again did not find one either.
    private static bool IsStillNobodys(RecordDocument former, DocumentClass found) =>
        former.SplitFrom is not null && former.Flags.Contains(RecordFlag.IdentityMismatch) && !found.Fields.ContainsKey(IdentityCheck.NumberField);

    // A key that is known stays: others may have been compared with it. A document that is nobody's has none, or the next scan would become a version of it.
    private static string? KeyOf(RecordDocument former, DocumentClass found) =>
        found.IsAssigned ? former.DocumentKey ?? (HasNoKey(former.Decisions) ? null : found.DocumentKey) : former.Decisions.Select(decision => decision.DocumentKey).LastOrDefault(key => key is not null);

    // Its rules are gone with the profile: what they found then stays.
    private static RecordChange TextAlone(RecordDocument former, ExtractionResult read) => new(
        former with
        {
            TextStatus = read.TextStatus,
            Pages = read.Pages,
            Tools = read.Tools,
            Note = read.Note,
            MissingLanguages = read.MissingLanguages,
            Flags = [.. former.Flags.Where(flag => flag != RecordFlag.LanguageMissing || read.MissingLanguages.Count > 0)],
            RenditionPages = read.Rendition is null ? null : read.RenditionPages,
        },
        RevisionReason.ReadLater)
    {
        Text = read.Text,
        Rendition = read.Rendition,
        ReplacesRendition = true,
    };

    private static DocumentFacts Facts(RecordDocument record, ExtractionResult read, ProfileOptions profile, Sidecar? sidecar) => new()
    {
        Profile = profile.Name,
        FileName = record.SplitFrom is null ? record.FileName : "",   // the name of a whole names none of its documents
        Subfolder = record.SplitFrom is null ? record.Subfolder : "",
        Text = read.Text,
        BarCodes = record.PartOf?.WithSheet(read.BarCodes?.Codes ?? []) ?? read.BarCodes?.Codes ?? [],
        Metadata = read.Metadata,
        ReceivedAt = record.ReceivedAt,
        Languages = profile.Languages,
        DateOrder = profile.DateOrder,
        Sidecar = sidecar,
        Person = Decided(record.Decisions),
        KeyFromName = sidecar?.DocumentKey is null && record is { PartOf: null, SplitFrom: null }   // the name of a stack's file names none of its documents
            ? new DocumentKeyRule(profile.DocumentKeyPattern).Find(record.FileName)
            : null,
    };

    private static bool HasNoKey(IReadOnlyList<PersonalDecision> decisions) =>
        decisions.LastOrDefault(decision => decision.DocumentKey is not null || decision.RemovesDocumentKey)?.RemovesDocumentKey == true;

    // What a person took away, and nobody has given since.
    private static HashSet<string> Removed(IReadOnlyList<PersonalDecision> decisions)
    {
        var removed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var decision in decisions)
        {
            removed.UnionWith(decision.Removes);
            removed.ExceptWith(decision.Fields.Keys);
        }

        return removed;
    }

    // The latest word counts.
    private static PersonsWord Decided(IReadOnlyList<PersonalDecision> decisions)
    {
        var fields = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var decision in decisions)
        {
            foreach (string name in decision.Removes)
            {
                fields.Remove(name);
            }

            foreach (var (name, value) in decision.Fields)
            {
                fields[name] = value;
            }
        }

        return new PersonsWord(
            fields,
            decisions.Select(decision => decision.RecordClass).LastOrDefault(name => name is not null),
            decisions.Select(decision => decision.DocumentKey).LastOrDefault(key => key is not null))
        {
            Removed = Removed(decisions),
        };
    }

    // A key that is found only now came too late to make it a version of the other record.
    private bool IsAnothers(RecordDocument record, string key)
    {
        using var connection = environment.Database.OpenReader();
        return HeadTable.HasKey(connection, record.Profile, key, but: record.Id);
    }
}
