using DocIngest.Storage;
using Polly;
using Polly.Retry;

namespace DocIngest.Backup.Stores;

/// <summary>Calls of one remote store, which are tried again on <see cref="RetryTerms"/> while it is <see cref="StorageUnavailableException">unavailable</see>.</summary>
public sealed class Retries
{
    private static readonly ResiliencePropertyKey<Attempts> AttemptsKey = new("attempts");

    private readonly TimeProvider _time;
    private readonly RetryTerms _terms;
    private readonly Action<StoreRetry>? _retrying;
    private readonly ResiliencePipeline _pipeline;

    /// <param name="time">The clock.</param>
    /// <param name="terms">How long.</param>
    /// <param name="retrying">Is told before each pause, from the failing call.</param>
    public Retries(TimeProvider time, RetryTerms terms, Action<StoreRetry>? retrying)
    {
        _time = time;
        _terms = terms;
        _retrying = retrying;
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }.AddRetry(Strategy()).Build();
    }

    /// <summary>Runs something that is safe to repeat.</summary>
    /// <param name="operation">What it is, for people.</param>
    /// <inheritdoc cref="RunAsync{T}" path="/exception" />
    public Task RunAsync(string operation, Func<CancellationToken, Task> run, CancellationToken cancellation) =>
        RunAsync(operation, async stop =>
        {
            await run(stop);
            return true;
        }, cancellation);

    /// <inheritdoc cref="RunAsync(string, Func{CancellationToken, Task}, CancellationToken)" path="/summary" />
    /// <inheritdoc cref="RunAsync(string, Func{CancellationToken, Task}, CancellationToken)" path="/param" />
    /// <exception cref="StorageUnavailableException">It was so to the end; says how often it was tried.</exception>
    public async Task<T> RunAsync<T>(string operation, Func<CancellationToken, Task<T>> run, CancellationToken cancellation)
    {
        var attempts = new Attempts(operation, _terms, _time);
        var context = ResilienceContextPool.Shared.Get(cancellation);
        context.Properties.Set(AttemptsKey, attempts);
        try
        {
            return await _pipeline.ExecuteAsync(static async (context, run) => await run(context.CancellationToken), context, run);
        }
        catch (StorageUnavailableException error) when (attempts.Failures > 1)
        {
            throw new StorageUnavailableException($"{error.Message} Given up after {attempts.Failures} attempts.", error) { RetryAfter = error.RetryAfter };
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private RetryStrategyOptions Strategy() => new()
    {
        MaxRetryAttempts = int.MaxValue,   // time is what is limited
        ShouldHandle = outcome => ValueTask.FromResult(
            outcome.Outcome.Exception is StorageUnavailableException error && Of(outcome.Context).MayGoOn(error)),
        DelayGenerator = failed => ValueTask.FromResult<TimeSpan?>((failed.Outcome.Exception as StorageUnavailableException)?.RetryAfter ?? Of(failed.Context).NextPause()),
        OnRetry = failed =>
        {
            var attempts = Of(failed.Context);
            _retrying?.Invoke(new StoreRetry(attempts.Operation, attempts.Failures, failed.RetryDelay, failed.Outcome.Exception?.Message ?? ""));
            return ValueTask.CompletedTask;
        },
    };

    private static Attempts Of(ResilienceContext context) =>
        context.Properties.GetValue(AttemptsKey, null!);   // '!': RunAsync put it there

    /// <summary>What one call has gone through.</summary>
    private sealed class Attempts(string operation, RetryTerms terms, TimeProvider time)
    {
        private const int MostDoublings = 30;   // a longer pause than anybody waits, and no overflow

        private long _firstFailure;

        internal string Operation => operation;

        internal int Failures { get; private set; }

        /// <summary>Counts a failure. Time counts from the first one: a large upload that breaks off at its end has its second chance.</summary>
        internal bool MayGoOn(StorageUnavailableException error)
        {
            if (++Failures == 1)
                _firstFailure = time.GetTimestamp();
            return Elapsed + (error.RetryAfter ?? TimeSpan.Zero) < terms.TotalTime;
        }

        /// <summary>Twice as long each time, scattered, and no longer than there is time: then comes the last attempt.</summary>
        internal TimeSpan NextPause()
        {
            var grown = terms.FirstPause * Math.Pow(2, Math.Min(Failures - 1, MostDoublings));
            var scattered = (grown < terms.LongestPause ? grown : terms.LongestPause) * (1 - (Random.Shared.NextDouble() / 2));
            var left = terms.TotalTime - Elapsed;
            return scattered < left ? scattered : left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }

        private TimeSpan Elapsed => time.GetElapsedTime(_firstFailure);
    }
}
