using System.Security.Authentication;
using DocIngest.Storage;

namespace DocIngest.Backup.Stores;

/// <summary>What fails on the way to a REST server and back.</summary>
internal static class RestFailure
{
    /// <summary>Whether the way is what failed. Cancellation that was asked for is no failure; any other is a time limit of ours.</summary>
    internal static bool Is(Exception error, CancellationToken cancellation) => error switch
    {
        OperationCanceledException => !cancellation.IsCancellationRequested,
        StorageException => false,
        _ => error is HttpRequestException or IOException,
    };

    internal static StorageException Translate(Exception error, string store)
    {
        if (error is OperationCanceledException)
            return new StorageUnavailableException($"{store}: no answer within the time limit.", error);
        var cause = error;
        while (cause.InnerException is { } inner)
        {
            if (cause is AuthenticationException)
                break;
            cause = inner;
        }

        return cause is AuthenticationException
            ? new StorageDeniedException($"{store}: the connection is not secure: {cause.Message}", error)
            : new StorageUnavailableException($"{store}: {cause.Message}", error);
    }
}
