using DocIngest.Storage;

namespace DocIngest.Archive.Validation;

/// <summary>Validates any storage root or object of OCFL 1.0 or 1.1, ours or not. Writes nothing and takes no lock.</summary>
/// <remarks>
/// <para>Nothing is opened that was not found by listing the folder itself: a path in an inventory is only looked up. Links are never followed.</para>
/// <para>Objects may change meanwhile. One that does is looked at again, and what was found of a state that has passed is forgotten.</para>
/// <para>Codes: <see cref="ValidationRules"/>; docs/formats/archive-validation.md.</para>
/// </remarks>
public sealed class OcflValidator
{
    // A commit takes milliseconds, and an object gets few. One that changes at every look is something else.
    private const int MostLooks = 5;

    private readonly ValidationWork _work;
    private readonly FindingLog _log = new();
    private readonly Lock _gate = new();

    // Under _gate.
    private readonly List<ObjectResult> _unsettled = [];

    private StorageRootRules? _root;

    private OcflValidator(ValidationWork work) => _work = work;

    /// <summary>Validates what the folder is: a storage root with all its objects, or one object.</summary>
    /// <param name="folder">The storage root or object.</param>
    /// <returns>Everything that is wrong. Damage is a finding, never an exception.</returns>
    /// <exception cref="StorageException">The folder itself cannot be listed.</exception>
    /// <exception cref="OperationCanceledException">Nothing is known.</exception>
    public static Task<ValidationReport> ValidateAsync(
        IDurableFolder folder, ValidationOptions options, IProgress<ValidationProgress>? progress = null, CancellationToken cancellation = default) =>
        new OcflValidator(new ValidationWork(folder, options, progress, cancellation)).RunAsync();

    /// <summary>Validates the storage root that a blob store is.</summary>
    /// <param name="store">Holds the storage root, and nothing else.</param>
    /// <inheritdoc cref="ValidateAsync(IDurableFolder, ValidationOptions, IProgress{ValidationProgress}?, CancellationToken)" />
    public static Task<ValidationReport> ValidateAsync(
        IBlobStore store, ValidationOptions options, IProgress<ValidationProgress>? progress = null, CancellationToken cancellation = default) =>
        ValidateAsync(new BlobFolder(store), options, progress, cancellation);

    /// <summary>Validates the folder as an object, whatever it looks like.</summary>
    /// <inheritdoc cref="ValidateAsync(IDurableFolder, ValidationOptions, IProgress{ValidationProgress}?, CancellationToken)" />
    public static Task<ValidationReport> ValidateObjectAsync(
        IDurableFolder folder, ValidationOptions options, IProgress<ValidationProgress>? progress = null, CancellationToken cancellation = default) =>
        new OcflValidator(new ValidationWork(folder, options, progress, cancellation)).RunObjectAsync();

    /// <summary>Validates one object of a folder.</summary>
    /// <param name="folder">What it is in.</param>
    /// <param name="path">The object root.</param>
    /// <inheritdoc cref="ValidateAsync(IDurableFolder, ValidationOptions, IProgress{ValidationProgress}?, CancellationToken)" />
    public static Task<ValidationReport> ValidateObjectAsync(IDurableFolder folder, string path, ValidationOptions options, CancellationToken cancellation) =>
        new OcflValidator(new ValidationWork(folder, options, progress: null, cancellation)).RunObjectAsync(path);

    private async Task<ValidationReport> RunAsync()
    {
        var listing = StorageRootListing.Read(_work.Folder);
        return listing.LooksLikeObject && !listing.IsDeclared ? await RunObjectAsync() : await RunStorageRootAsync(listing);
    }

    private async Task<ValidationReport> RunObjectAsync(string path = "")
    {
        await Task.Run(() => Look(path), _work.Cancellation);
        await LookAgainAsync();
        return Report(ValidationSubject.Object);
    }

    private async Task<ValidationReport> RunStorageRootAsync(StorageRootListing listing)
    {
        _root = new StorageRootRules(_work, listing);
        await Task.Run(() => _work.ForEach(_root.ObjectRoots(), Look), _work.Cancellation);
        await LookAgainAsync();
        var findings = _root.Close(out bool isNeither);
        _log.Add(findings, objectId: null);
        return Report(isNeither ? ValidationSubject.Neither : ValidationSubject.StorageRoot);
    }

    private void Look(string path)
    {
        var result = ObjectCheck.Run(_work, path);
        _work.ObjectDone();
        if (result.IsUnsettled)
        {
            lock (_gate)
            {
                _unsettled.Add(result);
            }
        }
        else
        {
            Settle(result);
        }
    }

    private async Task LookAgainAsync()
    {
        for (int look = 2; _unsettled.Count > 0; look++)
        {
            await Task.Delay(_work.Options.Settle, _work.Options.Time, _work.Cancellation);
            var former = _unsettled.ToList();
            _unsettled.Clear();
            await Task.Run(() => _work.ForEach(former, result => LookAgain(result, isLast: look >= MostLooks)), _work.Cancellation);
        }
    }

    private void LookAgain(ObjectResult former, bool isLast)
    {
        var result = ObjectCheck.Run(_work, former.Path);
        if (former.Path.Length > 0 && _work.Folder.Find(former.Path) is null)
        {
            return;   // it was removed as a whole: there is no object to find fault with
        }

        bool stoodStill = result.Fingerprint == former.Fingerprint;   // what looked like a commit in progress is how the object was left
        if (stoodStill || !result.IsUnsettled)
        {
            Settle(result);
        }
        else if (isLast)
        {
            var findings = new FindingBag(result.Path);
            findings.Add(ValidationRules.B005, "", "The object changed whenever it was looked at. Validate again when nobody writes to it.");
            Settle(result with { Findings = findings });
        }
        else
        {
            lock (_gate)
            {
                _unsettled.Add(result);
            }
        }
    }

    private void Settle(ObjectResult result)
    {
        _root?.Check(result);
        _log.Add(result.Findings, result.Id);
    }

    private ValidationReport Report(ValidationSubject subject)
    {
        var done = _work.Done;
        var (findings, counts) = _log.Close();
        return new ValidationReport(subject, done.Objects, done.Files, done.Bytes, _work.Options.ChecksFixity, findings, counts);
    }
}
