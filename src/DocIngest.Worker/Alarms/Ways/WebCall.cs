using System.Globalization;

namespace DocIngest.Worker.Alarms.Ways;

/// <summary>One request to an address elsewhere. Redirects are not followed: what is sent is for that address.</summary>
internal static class WebCall
{
    /// <exception cref="AlarmNotAcceptedException">No answer, or another than 2xx. The message does not repeat the address, which may be a secret.</exception>
    public static async Task SendAsync(HttpRequestMessage request, TimeSpan timeout, TimeProvider time, CancellationToken cancellation)
    {
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        using var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (!response.IsSuccessStatusCode)
            {
                throw new AlarmNotAcceptedException(string.Create(CultureInfo.InvariantCulture, $"The web server answered {(int)response.StatusCode}."));
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new AlarmNotAcceptedException(string.Create(CultureInfo.InvariantCulture, $"The web server did not answer within {timeout.TotalSeconds:0} s."));
        }
        catch (HttpRequestException error)
        {
            throw new AlarmNotAcceptedException($"The web server cannot be reached ({error.HttpRequestError}).");
        }
    }
}
