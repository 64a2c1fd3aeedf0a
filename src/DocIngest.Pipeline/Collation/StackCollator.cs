using DocIngest.Archive;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Extraction.Cuts;
using DocIngest.Pipeline.Extraction.Renditions;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Pages;
using DocIngest.Pipeline.Recognition;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Collation;

/// <summary>
/// Puts fronts and backs together that were scanned one after the other (docs/adr/0017): the first stack to come is a record, the second makes it a version with
/// both. Whatever is in doubt, a stack stays a record of its own and a person is asked.
/// </summary>
/// <param name="environment">What it works with.</param>
/// <param name="known">Where what was read of a stack that begins anew is kept; null where none does.</param>
internal sealed class StackCollator(IngestEnvironment environment, PagesReadBefore? known = null)
{
    private const int MostCollations = 8;
    private const string BarCodeTool = "zbarimg";

    // Fields that say whose a document is: what both sides say of them must agree.
    private static readonly string[] Whose = ["patientId", "encounterId"];

    /// <summary>
    /// Looks for the other side of a scan that has been read and classified, and puts both together. Nothing is decided: which stacks wait is looked at once more
    /// when the scan is filed.
    /// </summary>
    /// <exception cref="ExtractionUnavailableException">No worker can be started.</exception>
    /// <exception cref="StorageException">Staging or archive cannot be used.</exception>
    /// <exception cref="ObjectOutOfSyncException">A version of the other stack's record is being made. A retry may help.</exception>
    public async Task PrepareAsync(ScanInHand scan, CancellationToken stopping)
    {
        if (scan is not { IsStack: true, Extraction: { } own, Format: { } format })
        {
            return;
        }

        bool isKnown;
        IReadOnlyList<Ledger.LoneStack> lone;
        using (var connection = environment.Database.OpenReader())
        {
            isKnown = Ledger.StackTable.FindByIdentity(connection, scan.StackIdentity) is not null;
            lone = StacksInFolder.Lone(connection, scan);
        }

        if (isKnown)
        {
            return;   // a record has this very stack: it must not be put together with another one's
        }

        var match = StacksInFolder.Match(scan, lone, out string? doubt);
        if (LateBytes.Find(environment, scan) is { IsOneStackOfTwo: true } grown)
        {
            // What follows it could be another patient's: nothing is put together here until a person has looked.
            doubt = $"its file grew after it was put together in {grown.Record}";
        }

        string? fault = doubt
            ?? WhyUncounted(own)
            ?? (match is null ? null : scan.CollationCount > MostCollations ? "other stacks came and went meanwhile"
                : await CollateAsync(scan, own, format, match, stopping) is { } why ? $"{why} (record {match.RecordId})" : null);
        if (fault is not null)
        {
            scan.StaysAlone(fault, own, isInDoubt: doubt is not null);
            scan.Classify(environment.Classifier.Classify(scan.Facts()));
        }
    }

    /// <summary>Keeps what was read of a stack that begins anew.</summary>
    public void Remember(ScanInHand scan)
    {
        scan.CollationCount++;
        if (scan is { Extraction: { } read, Other: null })
        {
            known?.Keep(scan.Claim.Id, KnownPages.Of(read, Enumerable.Range(1, read.Pages.Total).ToDictionary(page => page)));
        }
    }

    /// <summary>Puts the two stacks of an archived record together, as they were when it was filed.</summary>
    /// <param name="record">The record.</param>
    /// <param name="version">Its version with both.</param>
    /// <param name="duplex">What it says of them.</param>
    /// <param name="id">For logs.</param>
    /// <param name="stagingPath">A staging folder that is there.</param>
    /// <param name="stopping">Leaves parts in it.</param>
    /// <exception cref="ArchiveException">The record is damaged, or its stacks cannot be put together any more.</exception>
    public async Task<RenditionFile> CollateArchivedAsync(
        OcflObject record, VersionNumber version, DuplexAccount duplex, RecordId id, string stagingPath, CancellationToken stopping)
    {
        string fronts = $"{stagingPath}/{DataFolder.PrivateCopyName}";
        string backs = $"{stagingPath}/{DataFolder.OtherStackName}";
        await ArchivedOriginal.CopyOutAsync(environment, record, version, duplex.Stacks[0].Original, fronts, stopping);
        await ArchivedOriginal.CopyOutAsync(environment, record, version, duplex.Stacks[1].Original, backs, stopping);
        if (FormatOf(fronts) is not { } format || FormatOf(backs) is not { } other)
        {
            throw Damaged(record, "Its stacks are no known kind of document.");
        }

        return await CollateAsync(id, (fronts, format), (backs, other), duplex.Stacks[0].Pages, duplex.BackOrder, stagingPath, stopping) switch
        {
            CutOutcome.Made made => made.File,
            CutOutcome.Refused refused => throw new ExtractionUnavailableException($"Its stacks could not be put together: {refused.Words}."),   // they could be when it was filed
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    // Null where both are one document now; else why not.
    private async Task<string?> CollateAsync(ScanInHand scan, ExtractionResult own, FileFormat format, Ledger.LoneStack match, CancellationToken stopping)
    {
        try
        {
            var archived = environment.Archive.Find(match.RecordId.ToString())
                ?? throw new DamagedObjectException(new Finding(FindingCodes.ObjectMissing, match.RecordId.ToString(), "The ledger knows this record, the archive does not."));
            if (archived.Head.Value != match.Version)
            {
                throw new ObjectOutOfSyncException(match.RecordId.ToString(), archived.Head.Next, "The archive holds a version that the ledger does not know yet.");
            }

            var entry = RecordDocuments.Read(environment.Archive, archived);
            var stack = entry.Record.Duplex?.Stacks.FirstOrDefault(stack => stack.Side == match.Side);
            if (stack is null || scan.Stack is null || scan.Stack.Side == stack.Side)
            {
                return "the record of the other side does not say so";
            }

            var other = new OtherStack(
                entry.Record, match.Version, stack, RecordDocuments.ReadSidecar(environment.Archive, archived),
                scan.Folder.KeyRule.Find(stack.FileName));
            return WhyNot(scan, own, other) ?? await CollateAsync(scan, own, format, entry, archived, other, stopping);
        }
        catch (Exception error) when (error is DamagedObjectException or FixityException or System.Text.Json.JsonException)
        {
            return $"the record of its {match.Side.ToWord()} is damaged";
        }
    }

    private async Task<string?> CollateAsync(
        ScanInHand scan, ExtractionResult own, FileFormat format, CatalogEntry entry, OcflObject archived, OtherStack other, CancellationToken stopping)
    {
        string copy = $"{scan.StagingPath}/{DataFolder.OtherStackName}";
        environment.Data.Delete(copy);
        await ArchivedOriginal.CopyOutAsync(environment, archived, archived.Head, other.Stack.Original, copy, stopping);
        if (FormatOf(copy) is not { } otherFormat)
        {
            return $"the {other.Stack.Side.ToWord()} are no known kind of document";
        }

        var account = Account(scan, other);
        int sheets = own.Pages.Total;
        bool isBacks = other.Stack.Side == StackSide.Fronts;
        var (fronts, backs) = isBacks ? ((copy, otherFormat), (scan.CopyPath, format)) : ((scan.CopyPath, format), (copy, otherFormat));
        var cut = await CollateAsync(scan.Claim.Id, fronts, backs, sheets, account.BackOrder, scan.StagingPath, stopping);
        environment.Data.Delete(copy);
        if (cut is not CutOutcome.Made { File: var pdf })
        {
            return $"of one of both, {((CutOutcome.Refused)cut).Words}";
        }

        var profile = scan.Folder.Profile;
        var both = await environment.Extractor.ExtractAsync(
            new ExtractionRequest(scan.Claim.Id, $"{environment.DataPath}/{pdf.Path}", FileFormat.Pdf)
            {
                Languages = profile.Languages,
                ReadsBarCodes = profile.Pages.ReadsBarCodes,
                DropsBlankPages = profile.Pages.Blank == BlankPages.Drop,
                Known = KnownOf(own, entry, account, scan.Stack!.Side, profile.Pages.ReadsBarCodes),   // '!': only stacks come here
                Rendition = new RenditionPlace(environment.Data, $"{scan.StagingPath}/{DataFolder.CollatedRenditionName}"),
            },
            stopping);
        if (both.Pages.Total != 2 * sheets)
        {
            return "put together, they do not have the pages of both";
        }

        scan.Collate(other, WithBoth(both, pdf, own, entry.Record, isBacks));
        var found = environment.Classifier.Classify(scan.Facts());
        if (!found.IsAssigned && !entry.Record.Flags.Contains(RecordFlag.IdentityMismatch))
        {
            return "put together, they would not be one patient's";
        }

        scan.Classify(found with { DocumentKey = entry.Record.DocumentKey ?? found.DocumentKey });   // a key that is known stays: others may have been compared with it
        return null;
    }

    // What people see of a record of two stacks is its rendition: it has one whether OCR has read something or not.
    private static ExtractionResult WithBoth(ExtractionResult both, RenditionFile pdf, ExtractionResult own, RecordDocument former, bool isBacks)
    {
        var (first, second) = isBacks ? (former.Metadata, own.Metadata) : (own.Metadata, former.Metadata);
        return both with
        {
            Rendition = both.Rendition ?? pdf,
            Metadata = first.Concat(second.Where(entry => !first.ContainsKey(entry.Key))).ToDictionary(),
            Tools = [.. both.Tools.Union(own.Tools).Union(former.Tools)],
        };
    }

    private Task<CutOutcome> CollateAsync(
        RecordId id, (string Path, FileFormat Format) fronts, (string Path, FileFormat Format) backs, int sheets, BackOrder order, string stagingPath,
        CancellationToken stopping) =>
        environment.Cutter.CollateAsync(
            new CollationRequest(
                id, $"{environment.DataPath}/{fronts.Path}", fronts.Format, $"{environment.DataPath}/{backs.Path}", backs.Format, sheets, order,
                new RenditionPlace(environment.Data, $"{stagingPath}/{DataFolder.CollatedName}")),
            stopping);

    private string? WhyNot(ScanInHand scan, ExtractionResult own, OtherStack other) =>
        WhyUncounted(own) is { } uncounted ? uncounted
        : scan.DocumentKey is { } key && other.Record.DocumentKey is { } formerKey && key != formerKey ? "their document keys differ"
        : Whose.Any(name => Differ(scan.Class?.Fields.GetValueOrDefault(name), other.Record.Fields.GetValueOrDefault(name))) ? "they name different patients or cases"
        : own.Pages.Total != other.Stack.Pages ? $"it has {own.Pages.Total} pages, and the other side has {other.Stack.Pages}"
        : scan.Claim.SidecarJson is { } json && other.SidecarJson is { } former && json != former ? "their sidecars differ"
        : scan.Sidecar?.AddVersionTo is not null ? "its sidecar names another record"
        : !environment.Cutter.CanCut ? "qpdf is not installed"
        : null;

    private static bool Differ(string? one, string? other) => one is not null && other is not null && one != other;

    private static string? WhyUncounted(ExtractionResult read) =>
        read.Pages.Total > 0 && read.PageFacts.Count == read.Pages.Total ? null : "not all of its pages could be looked at";

    /// <summary>What the record of a scan says of its stacks.</summary>
    public static DuplexAccount? Account(ScanInHand scan)
    {
        if (scan is not { IsStack: true, Folder.DuplexRule: { } rule })
        {
            return null;
        }

        return scan.Other is { } other
            ? Account(scan, other)
            : new DuplexAccount(rule.BackOrder, [Describe(scan, ArchivedOriginal.NameOf(scan.Format))])
            {
                State = scan.StackFault is null ? DuplexState.Awaited : scan.IsStackInDoubt ? DuplexState.Doubtful : DuplexState.Refused,
                Fault = scan.StackFault,
            };
    }

    private static DuplexAccount Account(ScanInHand scan, OtherStack other)
    {
        var both = new[] { Describe(scan, ""), other.Stack }.OrderBy(stack => stack.Side).ToList();
        return new DuplexAccount(
            scan.Folder.DuplexRule?.BackOrder ?? BackOrder.Reversed,
            [.. both.Select((stack, at) => stack with { Original = ArchivedOriginal.NameOf(FileFormats.OfMediaType(stack.MediaType), at + 1) })])
        {
            State = DuplexState.Whole,
        };
    }

    private static DuplexStack Describe(ScanInHand scan, string original)
    {
        var stack = scan.Stack ?? throw new InvalidOperationException("Only a stack is described as one.");
        return new DuplexStack(
            stack.Side, stack.Pair, original, scan.Claim.Id, scan.Claim.FileName, scan.Format?.MediaType() ?? "", scan.Claim.Stamp.SizeBytes, scan.Digest.Hex,
            scan.Other is null ? scan.Extraction?.Pages.Total ?? 0 : scan.Other.Stack.Pages, scan.StackIdentity);
    }

    // What was read of both is taken over, if all of it is known; else all of it is read again.
    private static KnownPages? KnownOf(ExtractionResult own, CatalogEntry former, DuplexAccount account, StackSide side, bool readsBarCodes)
    {
        int sheets = own.Pages.Total;
        var numbers = Enumerable.Range(1, sheets).ToDictionary(page => page, page => account.NumberOf(side, page, sheets));
        return own.TextStatus != TextStatus.PendingOcr && KnownPages.Of(own, numbers) is { } mine && KnownOf(former, account, side.Other(), sheets, readsBarCodes) is { } others
            ? KnownPages.Both(mine, others)
            : null;
    }

    private static KnownPages? KnownOf(CatalogEntry former, DuplexAccount account, StackSide side, int sheets, bool readsBarCodes)
    {
        var record = former.Record;
        if (record.TextStatus is not (TextStatus.Complete or TextStatus.None) || record.Flags.Contains(RecordFlag.BarCodesUnread)
            || (readsBarCodes && !record.Tools.Any(tool => tool.Name == BarCodeTool)))   // the profile had none read then
        {
            return null;
        }

        var text = former.Text.Pages.ToDictionary(page => page.Number);
        return KnownPages.Make(
            former.Text.Pages.Select(page => page with { Number = account.NumberOf(side, page.Number, sheets) }),
            Enumerable.Range(1, sheets).Select(page => new PageFacts(
                account.NumberOf(side, page, sheets),
                record.BlankPages.Contains(page) ? PageContent.Blank : text.GetValueOrDefault(page) is { Text.Length: > 0 } ? PageContent.Text : PageContent.Wordless,
                [.. record.BarCodes.Where(code => code.Page == page).Select(code => code with { Page = account.NumberOf(side, page, sheets) })])),
            record.Tools) with
        {
            MissingLanguages = record.MissingLanguages,
        };
    }

    private FileFormat? FormatOf(string path)
    {
        using var content = environment.Data.OpenRead(path);
        return Recognizer.Recognize(content);
    }

    private static DamagedObjectException Damaged(OcflObject record, string message) => new(new Finding(FindingCodes.ObjectMissing, record.Path, message));
}
