using System.Net;
using System.Security.Authentication;
using Azure;
using Azure.Identity;
using Azure.Storage.Blobs.Models;

namespace DocIngest.Storage;

/// <summary>What Azure's answers and the failures on the way to it mean.</summary>
internal static class AzureError
{
    private const int NoAnswer = 0;

    /// <summary>Whether Azure, or the way to it, is what failed. Cancellation that was asked for is no failure.</summary>
    internal static bool IsFailure(Exception error, CancellationToken cancellation) => error switch
    {
        OperationCanceledException => !cancellation.IsCancellationRequested,   // the client library's own timeout
        StorageException => false,
        _ => error is RequestFailedException or AuthenticationFailedException or AggregateException or IOException or HttpRequestException,
    };

    /// <summary>Sends a request; what fails is told in Storage's own exceptions.</summary>
    internal static async Task<T> TranslatedAsync<T>(Func<Task<T>> request, string store, CancellationToken cancellation)
    {
        try
        {
            return await request();
        }
        catch (Exception error) when (IsFailure(error, cancellation))
        {
            throw Translate(error, store);
        }
    }

    /// <summary>Sends a request on the caller's thread; what fails is told in Storage's own exceptions.</summary>
    internal static T Translated<T>(Func<T> request, string store, CancellationToken cancellation)
    {
        try
        {
            return request();
        }
        catch (Exception error) when (IsFailure(error, cancellation))
        {
            throw Translate(error, store);
        }
    }

    internal static StorageException Translate(Exception error, string store) => error switch
    {
        AggregateException many => Translate(many.InnerExceptions[^1], store),
        RequestFailedException { Status: not NoAnswer } answer => Translate(answer, store),
        AuthenticationFailedException => new StorageDeniedException($"{store}: no credential for Azure was found, or it was not accepted.", error),
        _ when Causes(error).Any(cause => cause is AuthenticationException) =>
            new StorageDeniedException($"{store}: the connection is not secure: {Causes(error).Last().Message}", error),
        OperationCanceledException => new StorageUnavailableException($"{store}: no answer within the time limit.", error),
        _ => new StorageUnavailableException($"{store}: {Causes(error).Last().Message}", error),
    };

    private static StorageException Translate(RequestFailedException answer, string store)
    {
        string message = $"{store}: Azure answers {answer.Status} {answer.ErrorCode}.";
        if (answer.ErrorCode == BlobErrorCode.ContainerNotFound)
            return new ContainerNotFoundException($"{store}: there is no such container.", answer);
        return (HttpStatusCode)answer.Status switch
        {
            HttpStatusCode.NotFound => new EntryNotFoundException($"{store}: no such blob.", answer),
            HttpStatusCode.Conflict when MeansBusy(answer.ErrorCode) => Unavailable(message, answer),
            HttpStatusCode.Conflict when MeansForbidden(answer.ErrorCode) => new StorageDeniedException(message, answer),
            HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed => new PreconditionFailedException(message, answer),
            HttpStatusCode.BadRequest when answer.ErrorCode == BlobErrorCode.InvalidBlockList =>   // whoever commits first drops the blocks of the others
                new PreconditionFailedException($"{store}: another upload of the blob was faster.", answer),
            HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => Unavailable(message, answer),
            _ when MeansDamagedOnTheWay(answer.ErrorCode) => Unavailable(message, answer),
            _ => new StorageDeniedException(message, answer),
        };
    }

    private static bool MeansBusy(string? code) => code == BlobErrorCode.ContainerBeingDeleted || code == BlobErrorCode.OperationTimedOut;

    private static bool MeansForbidden(string? code) =>
        code == BlobErrorCode.BlobImmutableDueToPolicy || code == BlobErrorCode.BlobArchived || code == BlobErrorCode.ContainerDisabled ||
        code == BlobErrorCode.AccountIsDisabled || code == BlobErrorCode.InvalidBlobType;

    private static bool MeansDamagedOnTheWay(string? code) => code == BlobErrorCode.Md5Mismatch || code == "Crc64Mismatch";

    private static StorageUnavailableException Unavailable(string message, RequestFailedException answer) =>
        new(message, answer) { RetryAfter = RetryAfter(answer.GetRawResponse()) };

    private static TimeSpan? RetryAfter(Response? answer) =>
        answer is not null && answer.Headers.TryGetValue("Retry-After", out string? seconds) && int.TryParse(seconds, out int count) && count >= 0
            ? TimeSpan.FromSeconds(count)
            : null;

    private static IEnumerable<Exception> Causes(Exception error)
    {
        for (Exception? cause = error; cause is not null; cause = cause.InnerException)
            yield return cause;
    }
}
