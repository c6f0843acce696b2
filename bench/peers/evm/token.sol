// SPDX-License-Identifier: Apache-2.0
// The token of the EVM peers: what fixtures/contracts/token.ts does in a transfer, written as an EVM
// author would. `fund` stands in for genesis: it is not timed.
pragma solidity ^0.8.0;

contract Token {
    mapping(address => uint256) public balanceOf;

    event Transfer(address indexed from, address indexed to, uint256 amount);
    error Insufficient(uint256 have, uint256 need);

    function fund(address[] calldata owners, uint256 amount) external {
        for (uint256 i = 0; i < owners.length; i++) balanceOf[owners[i]] = amount;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        uint256 have = balanceOf[msg.sender];
        if (have < amount) revert Insufficient(have, amount);
        unchecked {
            balanceOf[msg.sender] = have - amount;
        }
        balanceOf[to] += amount;
        emit Transfer(msg.sender, to, amount);
        return true;
    }
}
