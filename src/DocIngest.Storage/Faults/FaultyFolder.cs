namespace DocIngest.Storage;

/// <summary>A folder whose operations go wrong as a plan says.</summary>
/// <param name="inner">What does the work. With <see cref="FaultKind.FlushFails"/>, a <see cref="MemoryFolder"/> also forgets data.</param>
/// <param name="plan">Shared by all folders whose operations are counted together.</param>
public sealed class FaultyFolder(IDurableFolder inner, FaultPlan plan) : IDurableFolder
{
    /// <inheritdoc />
    public string DisplayName => inner.DisplayName;

    /// <inheritdoc />
    public FolderEntry? Find(string path) => Read(() => inner.Find(path));

    /// <inheritdoc />
    public IEnumerable<FolderEntry> List(string path)
    {
        foreach (var entry in Read(() => inner.List(path)))
            yield return entry;
    }

    /// <inheritdoc />
    public Stream OpenRead(string path) => Read(() => inner.OpenRead(path));

    /// <inheritdoc />
    public WriterProbe ProbeWriter(string path) => Read(() => inner.ProbeWriter(path));

    /// <inheritdoc />
    public Stream Create(string path) => Change(() => new FaultyStream(inner.Create(path), plan, DisplayName));

    /// <inheritdoc />
    public Stream OpenAppend(string path) => Change(() => new FaultyStream(inner.OpenAppend(path), plan, DisplayName));

    /// <inheritdoc />
    public void Truncate(string path, long sizeBytes) => Change(() => inner.Truncate(path, sizeBytes));

    /// <inheritdoc />
    public void CreateFolder(string path) => Change(() => inner.CreateFolder(path));

    /// <inheritdoc />
    public void Move(string from, string to) => Change(() => inner.Move(from, to));

    /// <inheritdoc />
    public void Replace(string from, string to) => Change(() => inner.Replace(from, to));

    /// <inheritdoc />
    public void Delete(string path) => Change(() => inner.Delete(path));

    /// <inheritdoc />
    public bool DeleteEmptyFolder(string path) => Change(() => inner.DeleteEmptyFolder(path));

    /// <inheritdoc />
    public void DeleteTree(string path) => Change(() => inner.DeleteTree(path));

    /// <inheritdoc />
    public async ValueTask FlushAsync(CancellationToken cancellation) =>
        await FlushAsync(() => inner.FlushAsync(cancellation));

    /// <inheritdoc />
    public FlushMark Mark() => inner.Mark();

    /// <inheritdoc />
    public async ValueTask FlushAsync(FlushMark since, CancellationToken cancellation) =>
        await FlushAsync(() => inner.FlushAsync(since, cancellation));

    /// <inheritdoc />
    public long FreeBytes() => Read(inner.FreeBytes);

    private async Task FlushAsync(Func<ValueTask> flush)
    {
        var fault = FaultyOperation.Before(plan, OperationKind.Flush, DisplayName);
        if (fault is FaultKind.FlushFails)
            throw Forget();
        await flush();
        FaultyOperation.After(fault, DisplayName, null);
    }

    private FlushFailedException Forget()
    {
        // The volume counts its failure, so that everybody else who wrote there learns of it; this caller learns of it here.
        (inner as MemoryFolder)?.FailFlush(plan.LostData);
        return new FlushFailedException($"{DisplayName}: the flush failed, as the fault plan asked for.");
    }

    private T Read<T>(Func<T> operation) => FaultyOperation.Run(plan, OperationKind.Read, DisplayName, operation);

    private T Change<T>(Func<T> operation) => FaultyOperation.Run(plan, OperationKind.Change, DisplayName, operation);

    private void Change(Action operation) => Change(() =>
    {
        operation();
        return true;
    });
}
