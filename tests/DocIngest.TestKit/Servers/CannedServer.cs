using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DocIngest.TestKit.Servers;

/// <summary>A server on this machine that says to every request what a test wants, byte for byte, and hangs up.</summary>
public sealed class CannedServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly byte[] _answer;
    private int _requests;

    /// <param name="answer">The whole answer, from its status line on; empty to hang up without a word.</param>
    public CannedServer(string answer)
    {
        _answer = Encoding.ASCII.GetBytes(answer);
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");
        _ = AnswerAllAsync();   // until the listener is disposed of
    }

    public Uri Address { get; }

    /// <summary>How many requests came.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public void Dispose() => _listener.Dispose();

    private async Task AnswerAllAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await AnswerAsync(client.GetStream());
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The end of the test.
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        try
        {
            byte[] request = new byte[64 * 1024];
            int length = 0;
            while (!request.AsSpan(0, length).EndsWith("\r\n\r\n"u8))   // no request of these tests has content
            {
                int read = await stream.ReadAsync(request.AsMemory(length));
                if (read == 0)
                    return;
                length += read;
            }

            Interlocked.Increment(ref _requests);
            await stream.WriteAsync(_answer);
        }
        catch (IOException)
        {
            // The client hung up first.
        }
    }
}
