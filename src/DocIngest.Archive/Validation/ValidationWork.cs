using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using DocIngest.Storage;

namespace DocIngest.Archive.Validation;

/// <summary>What all parts of one validation share: the folder, a bounded number of threads, how far it is, and whether it is to end.</summary>
internal sealed class ValidationWork(IDurableFolder folder, ValidationOptions options, IProgress<ValidationProgress>? progress, CancellationToken cancellation)
{
    private const long BytesBetweenReports = 4 * 1024 * 1024;

    // One bound for objects and the files in them: a thread that waits for its object's files works on them itself.
    private readonly ParallelOptions _parallel = new()
    {
        MaxDegreeOfParallelism = options.Parallelism,
        TaskScheduler = new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, options.Parallelism).ConcurrentScheduler,
        CancellationToken = cancellation,
    };

    private long _objects;
    private long _files;
    private long _bytes;
    private long _reportedBytes;

    public IDurableFolder Folder => folder;

    public ValidationOptions Options => options;

    public CancellationToken Cancellation => cancellation;

    public ValidationProgress Done => new(Volatile.Read(ref _objects), Volatile.Read(ref _files), Volatile.Read(ref _bytes));

    /// <summary>Works on every item, several at once, each taken only when a thread is free for it.</summary>
    public void ForEach<T>(IEnumerable<T> items, Action<T> work)
    {
        try
        {
            Parallel.ForEach(Partitioner.Create(items, EnumerablePartitionerOptions.NoBuffering), _parallel, work);
        }
        catch (AggregateException errors)
        {
            ExceptionDispatchInfo.Throw(errors.Flatten().InnerExceptions[0]);   // the others tell of the same surroundings
        }
    }

    /// <inheritdoc cref="ForEach{T}(IEnumerable{T}, Action{T})" />
    public void ForEach(int count, Action<int> work)
    {
        if (count == 1)
        {
            work(0);
        }
        else if (count > 0)
        {
            ForEach(Enumerable.Range(0, count), work);
        }
    }

    public void ObjectDone()
    {
        Interlocked.Increment(ref _objects);
        progress?.Report(Done);
    }

    public void FileDone() => Interlocked.Increment(ref _files);

    public void BytesDone(int count)
    {
        cancellation.ThrowIfCancellationRequested();
        long bytes = Interlocked.Add(ref _bytes, count);
        long reported = Volatile.Read(ref _reportedBytes);
        if (progress is not null && bytes - reported >= BytesBetweenReports && Interlocked.CompareExchange(ref _reportedBytes, bytes, reported) == reported)
        {
            progress.Report(Done);
        }
    }
}
