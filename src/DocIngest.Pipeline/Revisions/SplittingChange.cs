using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Collation;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Extraction.Cuts;
using DocIngest.Pipeline.Extraction.Renditions;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Recognition;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;

namespace DocIngest.Pipeline.Revisions;

/// <summary>
/// A record that becomes several: each gets its pages of original, text and rendition, what a person said of it, and what the rules find in it; nothing that was said of the
/// whole, since that may be another patient's.
/// </summary>
internal sealed class SplittingChange(IngestEnvironment environment)
{
    /// <summary>Cuts it.</summary>
    /// <returns>The change, or why it cannot be cut, in plain words.</returns>
    /// <exception cref="ExtractionUnavailableException">Nothing can be cut here and now.</exception>
    public async Task<(RecordChange? Change, string? Refusal)> MakeAsync(RecordInRevision record, SuccessionPlan plan, CancellationToken cancellation)
    {
        environment.Data.DeleteTree(record.StagingPath);
        environment.Data.CreateFolder(record.StagingPath);
        var (whole, format) = await CopyOutAsync(record, cancellation);
        if (format is not { } known)
        {
            return (null, "it is no known kind of document");
        }

        string? rendition = await CopyOutRenditionAsync(record, cancellation);
        var successors = new List<Successor>(plan.Successors.Count);
        foreach (var planned in plan.Successors)
        {
            var pages = PageRanges.Parse(planned.Pages ?? throw new InvalidOperationException("A part has pages."));
            switch (await CutAsync(record, planned, whole, known, pages, "original", cancellation))
            {
                case CutOutcome.Made made:
                    var shown = rendition is null ? null : await CutRenditionAsync(record, planned, rendition, pages, cancellation);
                    successors.Add(Describe(record, plan, planned, pages, made, shown, successors));
                    break;
                case CutOutcome.Refused refused:
                    return (null, refused.Words);
                default:
                    throw new System.Diagnostics.UnreachableException();
            }
        }

        var former = record.Entry.Record;
        return (new RecordChange(
            former with
            {
                Withdrawn = WithdrawalReason.Superseded,
                SplitInto = [.. plan.Successors.Select(planned => new SplitPart(planned.Id, planned.Pages ?? ""))],
                Decisions = [.. former.Decisions, DecisionOf(plan) with { Withdrawal = WithdrawalReason.Superseded, Reason = plan.Note }],
            },
            RevisionReason.Split)
        {
            Succession = new Succession(plan, successors),
        }, null);
    }

    private static PersonalDecision DecisionOf(SuccessionPlan plan) => new(DecisionKind.Split, plan.By, plan.Account, plan.At, []);

    private async Task<(string Path, FileFormat? Format)> CopyOutAsync(RecordInRevision record, CancellationToken cancellation)
    {
        string path;
        if (record.Entry.Record.Duplex is { HasBoth: true } duplex)
        {
            path = (await new StackCollator(environment).CollateArchivedAsync(
                record.Archived, record.Archived.Head, duplex, record.Entry.Record.Id, record.StagingPath, cancellation)).Path;
        }
        else
        {
            path = $"{record.StagingPath}/{DataFolder.PrivateCopyName}";
            await ArchivedOriginal.CopyOutAsync(environment, record.Archived, record.Archived.Head, path, cancellation);
        }

        using var content = environment.Data.OpenRead(path);
        return (path, Recognizer.Recognize(content));
    }

    private async Task<string?> CopyOutRenditionAsync(RecordInRevision record, CancellationToken cancellation)
    {
        if (record.Archived.FindFile(record.Archived.Head, RecordDocuments.RenditionFileName) is null)
        {
            return null;
        }

        string path = $"{record.StagingPath}/whole-rendition.pdf";
        await ArchivedOriginal.CopyOutAsync(environment, record.Archived, record.Archived.Head, RecordDocuments.RenditionFileName, path, cancellation);
        return path;
    }

    private Task<CutOutcome> CutAsync(
        RecordInRevision record, PlannedSuccessor planned, string whole, FileFormat format, IReadOnlyList<int> pages, string what, CancellationToken cancellation) =>
        environment.Cutter.CutAsync(
            new CutRequest(
                planned.Id, $"{environment.DataPath}/{whole}", format, pages,
                new RenditionPlace(environment.Data, $"{record.StagingPath}/{what}-{planned.Id.ToBareString()}.pdf")),
            cancellation);

    // A part without one is searched by its text all the same.
    private async Task<RenditionFile?> CutRenditionAsync(
        RecordInRevision record, PlannedSuccessor planned, string rendition, IReadOnlyList<int> pages, CancellationToken cancellation) =>
        PagesOfPart.InRendition(record.Entry.Record, pages) is { Count: > 0 } places
        && await CutAsync(record, planned, rendition, FileFormat.Pdf, places, "rendition", cancellation) is CutOutcome.Made made ? made.File : null;

    private Successor Describe(
        RecordInRevision whole, SuccessionPlan plan, PlannedSuccessor planned, IReadOnlyList<int> pages, CutOutcome.Made cut, RenditionFile? rendition,
        IReadOnlyList<Successor> siblings)
    {
        var former = whole.Entry.Record;
        var profile = environment.Options.Profiles.FirstOrDefault(known => known.Name == former.Profile) ?? new ProfileOptions { Name = former.Profile, OnExistingKey = ExistingKeyPolicy.Review };
        var read = PagesOfPart.Of(whole.Entry, pages, profile.Pages.ReadsBarCodes, rendition);
        read = read with { Tools = [.. read.Tools.Union(cut.Tools)] };
        var said = planned.Said;
        var found = environment.Classifier.Classify(new DocumentFacts
        {
            Profile = profile.Name,
            FileName = "",   // the name of the whole names none of its documents
            Text = read.Text,
            BarCodes = read.BarCodes?.Codes ?? [],
            ReceivedAt = former.ReceivedAt,
            Languages = profile.Languages,
            DateOrder = profile.DateOrder,
            Person = said is null ? null : new PersonsWord(said.Fields, said.RecordClass, said.DocumentKey),
        });
        string? key = found.IsAssigned ? found.DocumentKey : null;
        bool isAnothers = key is not null && profile.OnExistingKey != ExistingKeyPolicy.NewRecord && IsAnothers(former, key, siblings);
        bool isNobodys = former.Fields.ContainsKey(IdentityCheck.NumberField) && !found.Fields.ContainsKey(IdentityCheck.NumberField);
        var decision = DecisionOf(plan);
        var record = new RecordDocument
        {
            Id = planned.Id,
            ScanId = former.ScanId,
            DocumentKey = key,
            Profile = former.Profile,
            ReceivedAt = former.ReceivedAt,
            FileName = former.Fields.Values.Any(value => value.Length > 0 && former.FileName.Contains(value, StringComparison.OrdinalIgnoreCase)) ? "split.pdf" : former.FileName,
            MediaType = FileFormat.Pdf.MediaType(),
            SizeBytes = cut.File.SizeBytes,
            Sha512 = cut.File.Digest.Hex,
            Identity = ScanIdentity.Of(former.Profile, key, new Dictionary<string, string>(), cut.File.Digest),
            TextStatus = read.TextStatus,
            Pages = read.Pages,
            SplitFrom = new SplitOrigin(former.Id, whole.Archived.Head.Value, planned.Pages ?? ""),
            Decisions = [said is null ? decision : decision with { Fields = said.Fields, RecordClass = said.RecordClass, DocumentKey = said.DocumentKey, Title = said.Title }],   // without the note, which is about all of them
        };
        var flags = ReviewFlags.Of(profile, environment.Classifier.Rules, read, found)
            .Concat(isAnothers ? [RecordFlag.KeyExists] : [])
            .Concat(isNobodys ? [RecordFlag.IdentityMismatch] : []);
        var described = RecordDocuments.WithFindings(record, profile, read, found, flags);
        return new Successor(
            said?.Title is { } title ? described with { Title = title } : described,
            [new SuccessorFile(ArchivedOriginal.NameOf(FileFormat.Pdf), cut.File), .. rendition is null ? Array.Empty<SuccessorFile>() : [new SuccessorFile(RecordDocuments.RenditionFileName, rendition)]])
        {
            Text = environment.Classifier.WithLanguages(read.Text, profile.Languages),
            TakesKey = key is not null && !isAnothers && profile.OnExistingKey != ExistingKeyPolicy.NewRecord,
        };
    }

    private bool IsAnothers(RecordDocument former, string key, IReadOnlyList<Successor> siblings)
    {
        using var connection = environment.Database.OpenReader();
        return siblings.Any(sibling => sibling.Record.DocumentKey == key) || HeadTable.HasKey(connection, former.Profile, key, but: former.Id);
    }
}
